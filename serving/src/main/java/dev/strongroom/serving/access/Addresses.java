package dev.strongroom.serving.access;

import java.net.InetAddress;

/**
 * Counts connections by where they come from, over all transports together. Those of whom nobody
 * knows yet who is at the other end have an allotment of their own, so that strangers fill no place
 * of callers who have shown a certificate.
 *
 * <p>Thread-safe.
 */
public final class Addresses {
    private static final int CROWDED = 16; // sources that have all they may; then it is full

    private final Sources strangers;
    private final Sources known;

    /**
     * @param perAddress connections of known callers at a time; strangers have half as many
     */
    public Addresses(int perAddress) {
        this.strangers = new Sources((perAddress + 1) / 2, CROWDED);
        this.known = new Sources(perAddress, CROWDED);
    }

    /** What a connection counts as. */
    enum Standing {
        STRANGER,
        KNOWN
    }

    /** True when there is room for one more stranger; who entered leaves once. */
    boolean enter(InetAddress address) {
        return strangers.enter(address);
    }

    /**
     * True when there is room among the known for this stranger, who counts as one of them then.
     */
    boolean recognise(InetAddress address) {
        boolean room = known.enter(address);
        if (room) {
            strangers.leave(address);
        }
        return room;
    }

    void leave(InetAddress address, Standing as) {
        switch (as) {
            case STRANGER -> strangers.leave(address);
            case KNOWN -> known.leave(address);
        }
    }
}
