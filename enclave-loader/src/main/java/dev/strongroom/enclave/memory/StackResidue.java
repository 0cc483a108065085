package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.CallStack;

/**
 * What an inference leaves on the stack of the thread that ran it. ONNX Runtime's matrix
 * multiplication copies panels of the weights, 64 KiB at a time, into a local array and returns
 * without clearing it: a stack is neither locked nor left out of dumps, and threads live long.
 */
public final class StackResidue {
    /** Native frames of a run reached 132 KiB deep where measured; twice that is one page walk. */
    private static final long BYTES = 256 << 10;

    private StackResidue() {}

    /**
     * Overwrites it; to be called by the thread that ran the model, before it does anything else.
     */
    public static void wipe() {
        CallStack.wipeUnused(BYTES);
    }
}
