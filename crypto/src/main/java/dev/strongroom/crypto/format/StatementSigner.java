package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import java.security.SignatureException;

/** Signs with an ECDSA P-256 key that it does not show: a key file or a key in a token. */
public interface StatementSigner {

    /** SHA-256 of the key's SubjectPublicKeyInfo. */
    Digest keyId();

    /**
     * Signs the message.
     *
     * @return ECDSA over SHA-256 of the message, ASN.1 DER
     * @throws SignatureException when the key cannot be used now; nothing was signed
     */
    byte[] sign(byte[] message) throws SignatureException;
}
