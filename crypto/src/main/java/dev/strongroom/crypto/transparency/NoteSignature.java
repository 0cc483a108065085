package dev.strongroom.crypto.transparency;

import dev.strongroom.crypto.format.SealedFormatException;
import java.util.Arrays;
import java.util.Base64;

/**
 * One signature line of a note.
 *
 * @param name whose; no Unicode space, no plus
 * @param keyId four bytes that tell keys of one name apart; no proof of anything
 */
public record NoteSignature(String name, byte[] keyId, byte[] signature) {
    private static final String DASH = "—";

    /** The line as it stands in a note, its newline included. */
    public String text() {
        byte[] bytes = Arrays.copyOf(keyId, NoteKey.KEY_ID_BYTES + signature.length);
        System.arraycopy(signature, 0, bytes, NoteKey.KEY_ID_BYTES, signature.length);
        return DASH + " " + name + " " + Base64.getEncoder().encodeToString(bytes) + "\n";
    }

    /** Reads a line without its newline; nothing in it is authentic yet. */
    public static NoteSignature parse(String line) throws SealedFormatException {
        String[] parts = line.split(" ", -1);
        if (line.length() > SignedCheckpoint.MAX_BYTES
                || parts.length != 3
                || !parts[0].equals(DASH)
                || !parts[1].matches(SignedCheckpoint.NAME)) {
            throw new SealedFormatException("note: malformed signature line");
        }
        byte[] bytes = decode(parts[2]);
        if (bytes.length <= NoteKey.KEY_ID_BYTES) {
            throw new SealedFormatException("note: signature line without a signature");
        }
        return new NoteSignature(
                parts[1],
                Arrays.copyOf(bytes, NoteKey.KEY_ID_BYTES),
                Arrays.copyOfRange(bytes, NoteKey.KEY_ID_BYTES, bytes.length));
    }

    /** Strict: the JDK's decoder takes missing padding and stray last bits. */
    private static byte[] decode(String base64) throws SealedFormatException {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            if (Base64.getEncoder().encodeToString(bytes).equals(base64)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("note: malformed base64 in a signature line", e);
        }
        throw new SealedFormatException("note: base64 not in its one encoding");
    }
}
