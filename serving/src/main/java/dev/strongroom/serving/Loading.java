package dev.strongroom.serving;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.MemoryShare;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.models.Footprint;
import dev.strongroom.serving.models.TenantMemory;

/**
 * How a node opens models.
 *
 * @param kind what sessions may do with the weights
 * @param protection of all memory that holds weights
 * @param memoryBytes of protected memory that all models of this node may take together, with
 *     whatever sessions arrange anew or compute in at {@code fast}; each tenant has an equal part
 * @param runBytes that all runs of one model may take together between inputs and answers, at
 *     {@code single-copy}; at {@code fast} that is protected memory as well
 */
public record Loading(Kind kind, Protection protection, long memoryBytes, long runBytes) {
    /** As it is called in the configuration. */
    public enum Kind {
        SINGLE_COPY("single-copy"),
        FAST("fast");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }

        static Kind of(String label) {
            for (Kind kind : values()) {
                if (kind.label.equals(label)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(label);
        }
    }

    /** Of one of so many tenants: an equal part. */
    TenantMemory memory(int tenants, Fit fitness) {
        var share = new MemoryShare(memoryBytes / tenants);
        return new TenantMemory(
                share,
                switch (kind) {
                    case SINGLE_COPY -> new Profile.SingleCopy(runBytes);
                    case FAST -> new Profile.Fast(new LockedHeap(share, protection, fitness));
                });
    }

    /**
     * What a model of this size is expected to take: its weights, and once more where sessions
     * arrange them anew.
     */
    Footprint needed(long modelBytes) {
        return new Footprint(
                modelBytes,
                switch (kind) {
                    case SINGLE_COPY -> 0;
                    case FAST -> modelBytes;
                });
    }
}
