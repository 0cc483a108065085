package dev.strongroom.serving;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.engine.Profile;

/**
 * How a node opens models.
 *
 * @param kind what sessions may do with the weights
 * @param protection of all memory that holds weights
 * @param memoryBytes of protected memory that all models of this node may take together
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

    /** Of every session of this process. */
    Profile profile(Fit fitness) {
        return switch (kind) {
            case SINGLE_COPY -> new Profile.SingleCopy(runBytes);
            case FAST -> new Profile.Fast(new LockedHeap(memoryBytes, protection, fitness));
        };
    }

    /**
     * What a model of this size may come to take: its weights, and once more where sessions arrange
     * them anew.
     */
    long needed(long modelBytes) {
        return switch (kind) {
            case SINGLE_COPY -> modelBytes;
            case FAST -> Math.multiplyExact(modelBytes, 2L);
        };
    }
}
