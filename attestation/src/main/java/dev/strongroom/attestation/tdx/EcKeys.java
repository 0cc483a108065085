package dev.strongroom.attestation.tdx;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Optional;

/** ECDSA over P-256 with SHA-256: the one algorithm of TDX quotes and everything under them. */
final class EcKeys {
    static final int POINT_BYTES = 64;

    private static final int COORDINATE_BYTES = 32;
    private static final ECParameterSpec P256 = p256();

    private EcKeys() {}

    static boolean isP256(PublicKey key) {
        return key instanceof ECPublicKey ec
                && ec.getParams().getCurve().equals(P256.getCurve())
                && ec.getParams().getGenerator().equals(P256.getGenerator())
                && ec.getParams().getOrder().equals(P256.getOrder());
    }

    /**
     * The key at these coordinates, or nothing if they are no point of the curve.
     *
     * @param point x and y, 32 bytes each, big-endian
     */
    static Optional<PublicKey> at(byte[] point) {
        var x = new BigInteger(1, Arrays.copyOf(point, COORDINATE_BYTES));
        var y = new BigInteger(1, Arrays.copyOfRange(point, COORDINATE_BYTES, POINT_BYTES));
        if (!isOnCurve(x, y)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    KeyFactory.getInstance("EC")
                            .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), P256)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** Whether the signature, r and s of 32 bytes each, big-endian, is this key's. */
    static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        return verifies("SHA256withECDSAinP1363Format", key, message, signature);
    }

    /** The same for a signature in DER, as X.509 has it. */
    static boolean verifiesDer(PublicKey key, byte[] message, byte[] signature) {
        return verifies("SHA256withECDSA", key, message, signature);
    }

    private static boolean verifies(
            String algorithm, PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature ecdsa = Signature.getInstance(algorithm);
            ecdsa.initVerify(key);
            ecdsa.update(message);
            return ecdsa.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // r or s out of range, or another key: no signature of this key
        }
    }

    private static boolean isOnCurve(BigInteger x, BigInteger y) {
        BigInteger p = ((ECFieldFp) P256.getCurve().getField()).getP();
        BigInteger right =
                x.pow(3).add(P256.getCurve().getA().multiply(x)).add(P256.getCurve().getB()).mod(p);
        return x.compareTo(p) < 0 && y.compareTo(p) < 0 && y.pow(2).mod(p).equals(right);
    }

    private static ECParameterSpec p256() {
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }
}
