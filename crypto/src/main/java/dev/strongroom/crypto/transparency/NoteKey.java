package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import java.security.PublicKey;
import java.util.Arrays;

/**
 * A key that signs notes: ECDSA P-256 with SHA-256, C2SP signed-note signature type {@code 0x02}.
 * For this type the 32-bit key ID is the first four bytes of the SHA-256 of the key's
 * SubjectPublicKeyInfo; name and type byte do not go into it.
 *
 * @param name the signer's name in signature lines; a log's is its origin
 */
public record NoteKey(String name, PublicKey key) {
    static final int KEY_ID_BYTES = 4;

    public static NoteKey of(String name, byte[] spki) throws SealedFormatException {
        return new NoteKey(name, P256.publicKey(spki));
    }

    /**
     * Reads a log's key as {@code audit verify} prints it.
     *
     * @param text C2SP verifier key of type 2
     */
    public static NoteKey parse(String text) throws SealedFormatException {
        VerifierKey key = VerifierKey.parse(text);
        if (key.type() != VerifierKey.ECDSA) {
            throw new SealedFormatException("log key: expected an ECDSA key of type 2");
        }
        return of(key.name(), key.material());
    }

    /** The one text that {@link #parse} reads back. */
    public String text() {
        return new VerifierKey(name, VerifierKey.ECDSA, key.getEncoded()).text();
    }

    byte[] keyId() {
        return keyId(P256.keyId(key.getEncoded()));
    }

    static byte[] keyId(Digest spkiDigest) {
        return Arrays.copyOf(spkiDigest.bytes(), KEY_ID_BYTES);
    }
}
