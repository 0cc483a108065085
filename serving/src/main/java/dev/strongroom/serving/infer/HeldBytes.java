package dev.strongroom.serving.infer;

/**
 * How much of the heap callers can have this node hold. There are four accounts, of bytes that are
 * held at once: requests that are not whole, bodies of requests over HTTP, requests that wait or
 * run, answers that nobody has read. Full, they take half of the heap together. The other half is
 * for what is in no account: the copies that parsing makes, outputs of runs under way, callers'
 * books, and what the collector has not come to.
 *
 * @param bytes of one account
 * @param part the most that one tenant has of an account: an equal part, or one of the largest
 *     messages where that is more
 * @param share the most that one identity has: half of its tenant's part, or one of the largest
 *     messages where that is more
 */
record HeldBytes(long bytes, long part, long share) {
    private static final int ACCOUNTS = 4;
    private static final int MESSAGES = 4; // of the largest size; small ones many more
    private static final int MESSAGES_OF_TENANT = 2;
    private static final int HEAP_PER_ACCOUNTS = 2; // they take half
    private static final int SURVIVORS = 8; // one part more: the parallel collector's own
    private static final long MIB = 1 << 20;

    /**
     * @param heapBytes the most that this process's heap may have
     * @param largestBytes of one message
     * @param tenants who have equal parts
     * @throws IllegalArgumentException if an account has no room for one message
     */
    static HeldBytes of(long heapBytes, long largestBytes, int tenants) {
        long most = heapBytes / HEAP_PER_ACCOUNTS / ACCOUNTS;
        if (most < largestBytes) {
            throw new IllegalArgumentException(
                    "expected messages of at most %d bytes with what is round them, an eighth of a heap of %d bytes, got %d; let them be smaller or the heap larger (-Xmx%dm)"
                            .formatted(most, heapBytes, largestBytes, neededMib(largestBytes)));
        }
        int messages = Math.max(MESSAGES, MESSAGES_OF_TENANT * tenants);
        long bytes = Math.min(messages * largestBytes, most);
        long part = Math.max(bytes / tenants, largestBytes);
        return new HeldBytes(bytes, part, Math.max(part - part / 2, largestBytes));
    }

    /** A new account. */
    Shares account() {
        return Shares.of(bytes, part, share);
    }

    private static long neededMib(long largestBytes) {
        long heap = HEAP_PER_ACCOUNTS * ACCOUNTS * largestBytes;
        return Math.ceilDiv(heap + heap / SURVIVORS, MIB);
    }
}
