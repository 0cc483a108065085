package dev.strongroom.witness;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;

/**
 * A key that signs a log, and up to which size. One that was replaced signs nothing beyond the size
 * at which its successor took over, whoever has it by then.
 *
 * @param end the largest checkpoint that counts by this key
 */
record LogKey(NoteKey key, long end) {
    /** In a configuration: a log key, for one that was replaced with its end. */
    static final String PATTERN = "\\S{1,512}( until [0-9]{1,18})?";

    private static final String UNTIL = " until ";

    static LogKey parse(String text) throws SealedFormatException {
        int until = text.indexOf(UNTIL);
        return until < 0
                ? new LogKey(NoteKey.parse(text), Long.MAX_VALUE)
                : new LogKey(
                        NoteKey.parse(text.substring(0, until)),
                        Long.parseLong(text.substring(until + UNTIL.length())));
    }

    boolean isReplaced() {
        return end != Long.MAX_VALUE;
    }

    boolean signed(SignedCheckpoint checkpoint) {
        if (checkpoint.checkpoint().size() > end) {
            return false;
        }
        try {
            checkpoint.verify(key, WitnessQuorum.NONE);
            return true;
        } catch (SealedFormatException e) {
            return false;
        }
    }
}
