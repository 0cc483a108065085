package dev.strongroom.crypto.custody.rules;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The one kind of key that a data key is released to. */
public final class RecipientKey {
    private static final int BITS = 3072;
    private static final BigInteger EXPONENT = BigInteger.valueOf(65537);

    private RecipientKey() {}

    /**
     * Reads an enclave's KEM key: RSA-3072, exponent 65537, the one DER encoding of it.
     *
     * @throws CustodyException RELEASE_KEY_REFUSED
     */
    public static RSAPublicKey of(byte[] spki) throws CustodyException {
        try {
            var key =
                    (RSAPublicKey)
                            KeyFactory.getInstance("RSA")
                                    .generatePublic(new X509EncodedKeySpec(spki));
            if (key.getModulus().bitLength() != BITS
                    || !key.getPublicExponent().equals(EXPONENT)
                    || !Arrays.equals(key.getEncoded(), spki)) {
                throw refused(null);
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw refused(e);
        }
    }

    private static CustodyException refused(@Nullable Throwable cause) {
        return new CustodyException(
                Reason.RELEASE_KEY_REFUSED,
                "KEM key: expected RSA-3072 with exponent 65537 in DER",
                cause);
    }
}
