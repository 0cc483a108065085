package dev.strongroom.enclave.lease;

import dev.strongroom.crypto.format.SealedFormatException;

/** Turns what does not verify into one kind of refusal. */
final class Integrity {
    private Integrity() {}

    @FunctionalInterface
    interface Reader<T> {
        T read() throws SealedFormatException;
    }

    /** Runs a reader or verifier over bytes that somebody else sent. */
    static <T> T verified(String what, Reader<T> reader) throws LeaseException {
        try {
            return reader.read();
        } catch (SealedFormatException | IllegalArgumentException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY, what + ": " + e.getMessage(), e);
        }
    }

    static void require(boolean condition, String otherwise) throws LeaseException {
        if (!condition) {
            throw new LeaseException(LeaseException.Kind.INTEGRITY, otherwise);
        }
    }
}
