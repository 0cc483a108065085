package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedFormatException;
import java.util.Base64;

/**
 * The head of a log: the note text of C2SP tlog-checkpoint, without extension lines.
 *
 * @param origin names the log: 1 to 255 printable ASCII characters, no space, no plus
 * @param size leaves in the tree
 */
public record Checkpoint(String origin, long size, Digest root) {
    // No space: a note text can then never read as a DSSE encoding, which has one in its start.
    private static final String ORIGIN = "[\\x21-\\x2a\\x2c-\\x7e]{1,255}";

    public Checkpoint {
        if (!origin.matches(ORIGIN)) {
            throw new IllegalArgumentException(
                    "checkpoint origin: expected 1 to 255 printable characters, no space or plus");
        }
        if (size < 0) {
            throw new IllegalArgumentException("checkpoint size: " + size + " (expected: >= 0)");
        }
    }

    /** What is signed: three lines, each ended by a newline. */
    public String text() {
        return origin
                + "\n"
                + size
                + "\n"
                + Base64.getEncoder().encodeToString(root.bytes())
                + "\n";
    }

    /** Reads a note text; refuses any text that {@link #text} would not write. */
    static Checkpoint parse(String text) throws SealedFormatException {
        String[] lines = text.split("\n", -1);
        if (lines.length != 4 || !lines[3].isEmpty()) {
            throw new SealedFormatException("checkpoint: expected the 3 lines origin, size, root");
        }
        try {
            var checkpoint =
                    new Checkpoint(
                            lines[0],
                            Long.parseLong(lines[1]),
                            Digest.of(Base64.getDecoder().decode(lines[2])));
            if (checkpoint.text().equals(text)) {
                return checkpoint;
            }
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("checkpoint: malformed origin, size or root", e);
        }
        throw new SealedFormatException("checkpoint: size or root not in its one encoding");
    }
}
