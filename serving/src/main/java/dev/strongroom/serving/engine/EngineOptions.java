package dev.strongroom.serving.engine;

import java.nio.file.Path;

/**
 * How to run a model.
 *
 * @param runThreads threads inside one run; 1 gives the best throughput with several callers, and
 *     more only with {@link Profile.Fast}: kernels copy parts of weights that nobody arranged for
 *     them onto the stacks of their threads, and only the caller's can be overwritten
 * @param profile what the session may do with the weights
 * @param scratch folder for a placeholder while the session is made; nothing secret goes there
 */
public record EngineOptions(int runThreads, Profile profile, Path scratch) {
    public EngineOptions {
        if (runThreads < 1) {
            throw new IllegalArgumentException("run threads: " + runThreads + " (expected: > 0)");
        }
        if (runThreads > 1 && profile instanceof Profile.SingleCopy) {
            throw new IllegalArgumentException("run threads: expected 1 for a single copy");
        }
    }
}
