package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Optional;

/**
 * The public area of a key inside a TPM (TPMT_PUBLIC, TPM 2.0 Part 2, 12.2.4), read strictly, also
 * with the size before it (TPM2B_PUBLIC). RSA and ECC.
 *
 * <pre>
 * type u16 | nameAlg u16 | objectAttributes u32 | authPolicy TPM2B_DIGEST
 * symmetric: alg u16, unless null keyBits u16, mode u16
 * scheme: alg u16, unless null hash u16 (ECDAA: count u16)
 * RSA: keyBits u16, exponent u32, modulus TPM2B
 * ECC: curve u16, kdf alg u16 and unless null hash u16, x TPM2B, y TPM2B
 * </pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class TpmPublic {
    private static final int RSA = 0x0001;
    private static final int ECC = 0x0023;
    private static final int NULL = 0x0010;
    private static final int RSAES = 0x0015;
    private static final int ECDAA = 0x001A;
    private static final int MAX_BYTES = 1024; // RSA-4096 with the longest policy is under 640
    private static final int MAX_RSA_BYTES = 512;
    private static final BigInteger DEFAULT_EXPONENT = BigInteger.valueOf(65537);

    private final byte[] bytes;
    private final HashAlgorithm nameAlgorithm;
    private final KeyAttributes attributes;
    private final Optional<SymmetricCipher> symmetric;
    private final Optional<SignatureScheme> scheme;
    private final PublicKey key;

    /**
     * What a storage key protects its children with.
     *
     * @param algorithm TPM_ALG_ID
     * @param mode TPM_ALG_ID
     */
    record SymmetricCipher(int algorithm, int keyBits, int mode) {}

    private TpmPublic(byte[] bytes) throws TpmFormatException {
        this.bytes = bytes;
        var in = TpmReader.bigEndian(bytes, "public area");
        int type = in.u16("type");
        if (type != RSA && type != ECC) {
            throw in.malformed("type: expected RSA or ECC");
        }
        nameAlgorithm = hash(in, "nameAlg");
        attributes = KeyAttributes.of(in.u32("objectAttributes"), in);
        in.sized("authPolicy", HashAlgorithm.MAX_BYTES);
        symmetric = readSymmetric(in);
        scheme = readScheme(in);
        key = type == RSA ? readRsa(in) : readEcc(in);
        in.end();
    }

    /**
     * Reads a public area; the array is copied.
     *
     * @throws TpmFormatException if it is not one in every byte, or its key is no sound one
     */
    public static TpmPublic parse(byte[] area) throws TpmFormatException {
        if (area.length > MAX_BYTES) {
            throw new TpmFormatException("public area: at most " + MAX_BYTES + " bytes");
        }
        return new TpmPublic(withoutSize(area));
    }

    /** The public area without a size before it. */
    public byte[] encoded() {
        return bytes.clone();
    }

    /** TPM2B_NAME without its size: the name algorithm and the digest of the public area. */
    public byte[] name() {
        byte[] digest = nameAlgorithm.digest(bytes);
        return ByteBuffer.allocate(Short.BYTES + digest.length)
                .putShort((short) nameAlgorithm.id())
                .put(digest)
                .array();
    }

    public PublicKey key() {
        return key;
    }

    KeyAttributes attributes() {
        return attributes;
    }

    HashAlgorithm nameAlgorithm() {
        return nameAlgorithm;
    }

    Optional<SymmetricCipher> symmetric() {
        return symmetric;
    }

    /** How the key signs; empty where each command may choose, or where it does not sign. */
    Optional<SignatureScheme> scheme() {
        return scheme;
    }

    /** No type has the number of a size that could follow here. */
    private static byte[] withoutSize(byte[] area) {
        boolean sized =
                area.length > Short.BYTES
                        && Short.toUnsignedInt(ByteBuffer.wrap(area).getShort())
                                == area.length - Short.BYTES;
        return Arrays.copyOfRange(area, sized ? Short.BYTES : 0, area.length);
    }

    private static Optional<SymmetricCipher> readSymmetric(TpmReader in) throws TpmFormatException {
        int algorithm = in.u16("symmetric");
        return algorithm == NULL
                ? Optional.empty()
                : Optional.of(new SymmetricCipher(algorithm, in.u16("keyBits"), in.u16("mode")));
    }

    private static Optional<SignatureScheme> readScheme(TpmReader in) throws TpmFormatException {
        int id = in.u16("scheme");
        if (id == NULL || id == RSAES) {
            return Optional.empty();
        }
        for (Algorithm algorithm : Algorithm.values()) {
            if (algorithm.id() == id) {
                return Optional.of(SignatureScheme.read(algorithm, in));
            }
        }
        hash(in, "scheme hash");
        if (id == ECDAA) {
            in.u16("count");
        }
        return Optional.empty();
    }

    private static PublicKey readRsa(TpmReader in) throws TpmFormatException {
        int bits = in.u16("keyBits");
        int exponent = in.u32("exponent");
        var modulus = new BigInteger(1, in.sized("modulus", MAX_RSA_BYTES));
        if (modulus.bitLength() != bits || !modulus.testBit(0)) {
            throw in.malformed("modulus: expected an odd number of " + bits + " bits");
        }
        BigInteger e =
                exponent == 0
                        ? DEFAULT_EXPONENT
                        : BigInteger.valueOf(Integer.toUnsignedLong(exponent));
        if (e.compareTo(DEFAULT_EXPONENT) < 0 || !e.testBit(0)) {
            throw in.malformed("exponent: expected an odd number from 65537 on");
        }
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, e));
        } catch (GeneralSecurityException | IllegalArgumentException refused) {
            throw in.malformed("modulus: expected an RSA key");
        }
    }

    private static PublicKey readEcc(TpmReader in) throws TpmFormatException {
        TpmCurve curve =
                TpmCurve.ofId(in.u16("curveID"))
                        .orElseThrow(() -> in.malformed("curveID: expected P-256, P-384 or P-521"));
        if (in.u16("kdf") != NULL) {
            hash(in, "kdf hash");
        }
        var x = new BigInteger(1, in.sized("x", curve.bytes()));
        var y = new BigInteger(1, in.sized("y", curve.bytes()));
        return curve.key(x, y)
                .orElseThrow(() -> in.malformed("unique: expected a point of the curve"));
    }

    private static HashAlgorithm hash(TpmReader in, String field) throws TpmFormatException {
        return HashAlgorithm.ofId(in.u16(field))
                .orElseThrow(() -> in.malformed(field + ": expected a known hash algorithm"));
    }
}
