package dev.strongroom.serving.engine;

import dev.strongroom.enclave.memory.LockedHeap;

/** What a session may do with the weights for speed. */
public sealed interface Profile {
    /**
     * The session computes on the weights where they were opened: one copy of each, none of them
     * made by ONNX Runtime.
     *
     * @param runBytes that all runs of one session may take between inputs and answers
     */
    record SingleCopy(long runBytes) implements Profile {
        /** As much as this machine has. */
        public SingleCopy() {
            this(Long.MAX_VALUE);
        }
    }

    /**
     * The session arranges matrices for its kernels once, when it is made; those copies and every
     * value between two operators lie in protected memory too and are overwritten when freed.
     *
     * @param copies where they lie, for any number of sessions
     */
    record Fast(LockedHeap copies) implements Profile {}
}
