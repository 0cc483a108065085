package dev.strongroom.enclave.lease;

import dev.strongroom.crypto.format.P256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The P-256 key of this process's TLS endpoint. It never leaves the process. */
final class TlsKey {
    private final KeyPair pair;

    private TlsKey(KeyPair pair) {
        this.pair = pair;
    }

    static TlsKey generate(SecureRandom random) {
        return new TlsKey(P256.newKeyPair(random));
    }

    /** The one that a lease was given for. */
    static TlsKey of(Grant grant) {
        return new TlsKey(new KeyPair(grant.tlsChain().getFirst().getPublicKey(), grant.tlsKey()));
    }

    byte[] spki() {
        return pair.getPublic().getEncoded();
    }

    PrivateKey privateKey() {
        return pair.getPrivate();
    }

    /** PKCS#10 request over this key: proof of possession. Its name is of no consequence. */
    byte[] signingRequest() {
        var info =
                new CertificationRequestInfo(
                        new X500Name("CN=strongroom-node"),
                        SubjectPublicKeyInfo.getInstance(spki()),
                        new DERSet());
        try {
            return new CertificationRequest(
                            info,
                            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
                            new DERBitString(sign(info.getEncoded(ASN1Encoding.DER))))
                    .getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException("a request in memory does not encode", e);
        }
    }

    private byte[] sign(byte[] message) {
        try {
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with P-256", e);
        }
    }

    @Override
    public String toString() {
        return "TlsKey[redacted]";
    }
}
