package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.format.StatementSigner;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.interfaces.ECPublicKey;

/**
 * Signs with a key that stays in the token: ECDSA P-256 over SHA-256, DER-encoded.
 *
 * <p>Thread-safe. Dead once its custodian is closed.
 */
public interface TokenSigner extends StatementSigner {
    ECPublicKey publicKey();

    /** SubjectPublicKeyInfo of {@link #publicKey()}; {@link #keyId()} is its SHA-256. */
    byte[] spki();

    /**
     * A reference to the key in the token, without encoding: for libraries that issue certificates.
     * Use it with {@link #provider()} only.
     */
    PrivateKey privateKey();

    /** The provider whose {@code SHA256withECDSA} takes {@link #privateKey()}. */
    Provider provider();
}
