package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What a log asks of a witness: the body of C2SP tlog-witness {@code add-checkpoint}.
 *
 * @param oldSize leaves in the checkpoint that the witness cosigned last; 0 for none
 * @param proof that the new checkpoint continues that one (RFC 6962, section 2.1.2)
 * @param checkpoint the new one
 */
public record AddCheckpoint(long oldSize, List<Digest> proof, SignedCheckpoint checkpoint) {
    /** A note and a proof at their longest. */
    public static final int MAX_BYTES = SignedCheckpoint.MAX_BYTES + 4 * 1024;

    private static final int MAX_PROOF = 63;
    private static final String OLD = "old ";

    public AddCheckpoint {
        if (oldSize < 0 || proof.size() > MAX_PROOF) {
            throw new IllegalArgumentException(
                    "add-checkpoint: expected a size from 0 and at most 63 hashes");
        }
        proof = List.copyOf(proof);
    }

    /** The body as it is sent. */
    public byte[] encode() {
        var out = new StringBuilder(OLD).append(oldSize).append('\n');
        for (Digest hash : proof) {
            out.append(Base64.getEncoder().encodeToString(hash.bytes())).append('\n');
        }
        return out.append('\n')
                .append(checkpoint.note())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Reads a body; nothing in it is authentic yet. */
    public static AddCheckpoint decode(byte[] body) throws SealedFormatException {
        if (body.length > MAX_BYTES) {
            throw new SealedFormatException("add-checkpoint: at most " + MAX_BYTES + " bytes");
        }
        String text = text(body);
        int blank = text.indexOf("\n\n");
        if (!text.startsWith(OLD) || blank < 0) {
            throw new SealedFormatException(
                    "add-checkpoint: expected old size, proof, blank line, checkpoint");
        }
        String[] lines = text.substring(OLD.length(), blank).split("\n", -1);
        if (lines.length > 1 + MAX_PROOF) {
            throw new SealedFormatException("add-checkpoint: at most 63 hashes");
        }
        var proof = new ArrayList<Digest>();
        for (int i = 1; i < lines.length; i++) {
            proof.add(hash(lines[i]));
        }
        return new AddCheckpoint(
                size(lines[0]), proof, SignedCheckpoint.parse(text.substring(blank + 2)));
    }

    private static String text(byte[] body) throws SealedFormatException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new SealedFormatException("add-checkpoint: expected UTF-8", e);
        }
    }

    private static long size(String digits) throws SealedFormatException {
        if (!digits.matches("0|[1-9][0-9]{0,17}")) {
            throw new SealedFormatException("add-checkpoint: expected a decimal size");
        }
        return Long.parseLong(digits);
    }

    private static Digest hash(String base64) throws SealedFormatException {
        try {
            Digest hash = Digest.of(Base64.getDecoder().decode(base64));
            if (Base64.getEncoder().encodeToString(hash.bytes()).equals(base64)) {
                return hash;
            }
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("add-checkpoint: malformed hash", e);
        }
        throw new SealedFormatException("add-checkpoint: hash not in its one encoding");
    }
}
