package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;

/** Who signs the heads of a log. Thread-safe. */
public interface LogSigner {
    /** The log's name. */
    String origin();

    /** The key that signs now. */
    StatementSigner now();

    /** The key that must have signed a head of the log. */
    NoteKey keyOf(SignedCheckpoint head) throws SealedFormatException;

    /** One key for ever. */
    static LogSigner of(String origin, StatementSigner signer, byte[] spki) {
        return new LogSigner() {
            @Override
            public String origin() {
                return origin;
            }

            @Override
            public StatementSigner now() {
                return signer;
            }

            @Override
            public NoteKey keyOf(SignedCheckpoint head) throws SealedFormatException {
                return NoteKey.of(origin, spki);
            }
        };
    }
}
