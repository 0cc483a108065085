package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import java.security.SignatureException;

/** Signs statements with ECDSA P-256 over SHA-256: an owner's key file or a key in a token. */
public interface StatementSigner {
    /** SHA-256 of the public key's SubjectPublicKeyInfo. */
    Digest keyId();

    /** The DER-encoded signature of the message. */
    byte[] sign(byte[] message) throws SignatureException;
}
