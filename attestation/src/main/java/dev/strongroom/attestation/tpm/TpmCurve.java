package dev.strongroom.attestation.tpm;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Optional;

/** Curves of attestation keys (TPM_ECC_CURVE). */
enum TpmCurve {
    P256(0x0003, "secp256r1", 32),
    P384(0x0004, "secp384r1", 48),
    P521(0x0005, "secp521r1", 66);

    private final int id;
    private final int bytes;

    // immutable in fact, and nothing hands it out
    @SuppressWarnings("ImmutableEnumChecker")
    private final ECParameterSpec parameters;

    TpmCurve(int id, String jcaName, int bytes) {
        this.id = id;
        this.bytes = bytes;
        this.parameters = parameters(jcaName);
    }

    static Optional<TpmCurve> ofId(int id) {
        for (TpmCurve curve : values()) {
            if (curve.id == id) {
                return Optional.of(curve);
            }
        }
        return Optional.empty();
    }

    /** The curve of a key that lies on one of these. */
    static Optional<TpmCurve> of(ECPublicKey key) {
        for (TpmCurve curve : values()) {
            ECParameterSpec known = curve.parameters;
            if (key.getParams().getCurve().equals(known.getCurve())
                    && key.getParams().getGenerator().equals(known.getGenerator())
                    && key.getParams().getOrder().equals(known.getOrder())) {
                return curve.contains(key.getW()) ? Optional.of(curve) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** TPM_ECC_CURVE. */
    int id() {
        return id;
    }

    /** Length of a coordinate. */
    int bytes() {
        return bytes;
    }

    /** The key at a point; empty if the point is not on the curve. */
    Optional<ECPublicKey> key(BigInteger x, BigInteger y) {
        var point = new ECPoint(x, y);
        if (!contains(point)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    (ECPublicKey)
                            KeyFactory.getInstance("EC")
                                    .generatePublic(new ECPublicKeySpec(point, parameters)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static ECParameterSpec parameters(String jcaName) {
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(jcaName));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + jcaName, e);
        }
    }

    private boolean contains(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger a = parameters.getCurve().getA();
        BigInteger b = parameters.getCurve().getB();
        return x.compareTo(p) < 0
                && y.compareTo(p) < 0
                && y.multiply(y).mod(p).equals(x.pow(3).add(a.multiply(x)).add(b).mod(p));
    }
}
