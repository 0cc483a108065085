package dev.strongroom.crypto.format;

/**
 * One of a vault's signing keys and how far it goes.
 *
 * @param end it signs about leaves before this one, and logs of at most so many
 */
public record SigningPeriod(byte[] spki, long end) {
    /** Of the key that signs now. */
    public static final long OPEN = Long.MAX_VALUE;

    /**
     * Refuses what the key said about a leaf after its end.
     *
     * @param what is refused
     */
    void requireCovers(String what, long leaf) throws SealedFormatException {
        if (leaf >= end) {
            throw new SealedFormatException(
                    what
                            + ": by a signing key that ended at leaf "
                            + end
                            + " of the log, about leaf "
                            + leaf
                            + "; that key may be in other hands");
        }
    }
}
