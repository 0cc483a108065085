package dev.strongroom.witness;

import dev.strongroom.crypto.transparency.NoteSignature;

/** What a witness says to a checkpoint, with the status that C2SP tlog-witness gives it. */
sealed interface WitnessAnswer {
    int status();

    /** The checkpoint continues the last one, and is the last one now. */
    record Cosigned(NoteSignature line) implements WitnessAnswer {
        @Override
        public int status() {
            return 200;
        }
    }

    /** The request is not of the protocol. */
    record Malformed(String why) implements WitnessAnswer {
        @Override
        public int status() {
            return 400;
        }
    }

    /** No key of the log signed the checkpoint. */
    record Unsigned() implements WitnessAnswer {
        @Override
        public int status() {
            return 403;
        }
    }

    /** Nobody told this witness of the log. */
    record UnknownLog() implements WitnessAnswer {
        @Override
        public int status() {
            return 404;
        }
    }

    /**
     * The last checkpoint is another one than the caller thinks.
     *
     * @param size its leaves
     */
    record Conflict(long size) implements WitnessAnswer {
        @Override
        public int status() {
            return 409;
        }
    }

    /** The proof does not show that the checkpoint continues the last one. */
    record Unproven() implements WitnessAnswer {
        @Override
        public int status() {
            return 422;
        }
    }
}
