package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A key as it is handed from person to person (C2SP signed-note, verifier keys): {@code
 * NAME+KEYID+BASE64}, where the last part is the signature type and the key.
 *
 * @param name the signer's, as in signature lines
 * @param type signature type of signed-note
 * @param material the key as this type has it
 */
record VerifierKey(String name, byte type, byte[] material) {
    /** ECDSA, material is a SubjectPublicKeyInfo; the key ID is of that alone. */
    static final byte ECDSA = 0x02;

    /** Timestamped Ed25519 cosignature of a checkpoint, material is the point. */
    static final byte COSIGNATURE = 0x04;

    static final int MAX_CHARACTERS = 512;
    private static final int KEY_ID_BYTES = NoteKey.KEY_ID_BYTES;

    VerifierKey {
        if (!name.matches(SignedCheckpoint.NAME)) {
            throw new IllegalArgumentException("note key name: no space, no plus");
        }
    }

    static VerifierKey parse(String text) throws SealedFormatException {
        String[] parts = text.split("\\+", 3);
        if (text.length() > MAX_CHARACTERS || parts.length != 3) {
            throw new SealedFormatException("verifier key: expected NAME+KEYID+BASE64");
        }
        try {
            byte[] key = Base64.getDecoder().decode(parts[2]);
            if (key.length > 1) {
                var parsed =
                        new VerifierKey(parts[0], key[0], Arrays.copyOfRange(key, 1, key.length));
                if (parsed.text().equals(text)) {
                    return parsed;
                }
            }
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("verifier key: malformed name or base64", e);
        }
        throw new SealedFormatException("verifier key: its key ID is another's, or a mistyped one");
    }

    byte[] keyId() {
        Digest digest =
                type == ECDSA
                        ? Digest.sha256(material)
                        : Digest.sha256(joined((name + "\n").getBytes(StandardCharsets.UTF_8)));
        return Arrays.copyOf(digest.bytes(), KEY_ID_BYTES);
    }

    String text() {
        return name
                + "+"
                + HexFormat.of().formatHex(keyId())
                + "+"
                + Base64.getEncoder().encodeToString(joined(new byte[0]));
    }

    private byte[] joined(byte[] before) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(before);
        out.write(type);
        out.writeBytes(material);
        return out.toByteArray();
    }
}
