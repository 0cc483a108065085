package dev.strongroom.enclave.lease;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/** The P-256 key of this boot's TLS endpoint. It never leaves the process. */
final class TlsKey {
    private final KeyPair pair;

    private TlsKey(KeyPair pair) {
        this.pair = pair;
    }

    static TlsKey generate(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return new TlsKey(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    byte[] spki() {
        return pair.getPublic().getEncoded();
    }

    PrivateKey privateKey() {
        return pair.getPrivate();
    }

    /** PKCS#10 request over this key: proof of possession. Its name is of no consequence. */
    byte[] signingRequest() {
        byte[] info =
                Der.sequence(
                        Der.integer(0),
                        Der.sequence(
                                Der.set(
                                        Der.sequence(
                                                Der.oid(2, 5, 4, 3), // commonName
                                                Der.utf8("strongroom-node")))),
                        spki(),
                        Der.emptyAttributes());
        return Der.sequence(
                info,
                Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2)), // ecdsa-with-SHA256
                Der.bits(sign(info)));
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
