package dev.strongroom.crypto.custody.bcfks;

import java.io.IOException;
import java.io.OutputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.bc.EncryptedObjectStoreData;
import org.bouncycastle.asn1.bc.ObjectStore;
import org.bouncycastle.asn1.bc.PbkdMacIntegrityCheck;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.util.ScryptConfig;
import org.bouncycastle.jcajce.BCFKSLoadStoreParameter;
import org.bouncycastle.jcajce.BCFKSLoadStoreParameter.EncryptionAlgorithm;
import org.bouncycastle.jcajce.BCFKSLoadStoreParameter.MacAlgorithm;

/**
 * How the file is encrypted and authenticated: AES-256 key wrap with padding and HMAC-SHA3-512,
 * under two keys of scrypt. There is one setting, so a file with another is not ours, and is
 * refused before a byte of memory is spent on what its author asks of scrypt.
 */
final class StoreProtection {
    // 16 MiB for each guess, and two derivations, under half a second, for each start and each
    // key. It slows down guesses at a password that a person chose; the one that initialisation
    // draws has 256 random bits, which no amount of work makes stronger.
    private static final int SCRYPT_N = 1 << 14;
    private static final int SCRYPT_R = 8;
    private static final int SCRYPT_P = 1;
    private static final int SALT_BYTES = 32;
    private static final ASN1ObjectIdentifier SCRYPT =
            new ASN1ObjectIdentifier("1.3.6.1.4.1.11591.4.11");

    private StoreProtection() {}

    static BCFKSLoadStoreParameter forStoring(OutputStream out, StorePassword password) {
        return new BCFKSLoadStoreParameter.Builder(out, password.characters())
                .withStorePBKDFConfig(
                        new ScryptConfig.Builder(SCRYPT_N, SCRYPT_R, SCRYPT_P)
                                .withSaltLength(SALT_BYTES)
                                .build())
                .withStoreEncryptionAlgorithm(EncryptionAlgorithm.AES256_KWP)
                .withStoreMacAlgorithm(MacAlgorithm.HmacSHA3_512)
                .build();
    }

    /**
     * Reads the outer structure only.
     *
     * @throws IOException if the file is not one that {@link #forStoring} describes
     */
    static void require(byte[] file) throws IOException {
        try {
            ObjectStore store = ObjectStore.getInstance(file);
            var check =
                    PbkdMacIntegrityCheck.getInstance(
                            store.getIntegrityCheck().getIntegrityCheck());
            require(
                    check.getMacAlgorithm().getAlgorithm(),
                    NISTObjectIdentifiers.id_hmacWithSHA3_512);
            requireScrypt(check.getPbkdAlgorithm());
            AlgorithmIdentifier encryption =
                    EncryptedObjectStoreData.getInstance(store.getStoreData())
                            .getEncryptionAlgorithm();
            require(encryption.getAlgorithm(), PKCSObjectIdentifiers.id_PBES2);
            var scheme = PBES2Parameters.getInstance(encryption.getParameters());
            require(
                    scheme.getEncryptionScheme().getAlgorithm(),
                    NISTObjectIdentifiers.id_aes256_wrap_pad);
            requireScrypt(scheme.getKeyDerivationFunc());
        } catch (RuntimeException e) {
            throw new IOException("not a key store", e); // the ASN.1 types throw many kinds
        }
    }

    private static void requireScrypt(KeyDerivationFunc derivation) throws IOException {
        require(derivation.getAlgorithm(), SCRYPT);
        var parameters = ASN1Sequence.getInstance(derivation.getParameters()); // RFC 7914, 7.1
        if (ASN1OctetString.getInstance(parameters.getObjectAt(0)).getOctetsLength() != SALT_BYTES
                || number(parameters, 1) != SCRYPT_N
                || number(parameters, 2) != SCRYPT_R
                || number(parameters, 3) != SCRYPT_P) {
            throw new IOException("scrypt: expected the parameters of a key store of ours");
        }
    }

    private static int number(ASN1Sequence parameters, int at) {
        return ASN1Integer.getInstance(parameters.getObjectAt(at)).intValueExact();
    }

    private static void require(ASN1ObjectIdentifier actual, ASN1ObjectIdentifier expected)
            throws IOException {
        if (!actual.equals(expected)) {
            throw new IOException("expected algorithm " + expected + ", got " + actual);
        }
    }
}
