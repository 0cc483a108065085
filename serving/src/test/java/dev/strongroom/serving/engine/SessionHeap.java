package dev.strongroom.serving.engine;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;

/** The one heap that sessions of this virtual machine can have. */
public final class SessionHeap {
    static final long LIMIT_BYTES = 256L << 20;

    private static final LockedHeap HEAP =
            new LockedHeap(LIMIT_BYTES, Protection.LOCKED, Fits.forTests());

    private SessionHeap() {}

    /** One for all tests of this virtual machine. */
    public static LockedHeap shared() {
        return HEAP;
    }
}
