package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.format.StatementSigner;
import java.security.interfaces.ECPublicKey;

/**
 * Signs with a key that stays in the token: ECDSA P-256 over SHA-256, DER-encoded.
 *
 * <p>Thread-safe. Goes on over a recovery of the token, with the same key; a signature that was
 * asked for while the token was lost fails and is not repeated. Dead once its custodian is closed.
 */
public interface TokenSigner extends StatementSigner {
    ECPublicKey publicKey();

    /** SubjectPublicKeyInfo of {@link #publicKey()}; {@link #keyId()} is its SHA-256. */
    byte[] spki();
}
