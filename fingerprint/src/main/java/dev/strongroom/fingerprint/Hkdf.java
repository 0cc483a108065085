package dev.strongroom.fingerprint;

import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/** HKDF-SHA256 (RFC 5869) without salt: the input is a uniform key already. */
final class Hkdf {
    private Hkdf() {}

    static byte[] derive(byte[] key, byte[] info) {
        try {
            var parameters = HKDFParameterSpec.ofExtract().addIKM(key).thenExpand(info, 32);
            return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
        }
    }
}
