package dev.strongroom.serving.tune;

import dev.strongroom.serving.infer.RunSettings;
import java.util.List;
import java.util.Optional;

/**
 * What a search found.
 *
 * @param rows everything that was looked at, in the order in which it was
 * @param best of all that was looked at
 * @param batches whether rows of several callers run together
 * @param inferences that were taken from the lease
 * @param cutShort why not everything was looked at, if it was not
 */
public record Outcome(
        List<Row> rows,
        RunSettings best,
        boolean batches,
        long inferences,
        Optional<String> cutShort) {
    public Outcome {
        rows = List.copyOf(rows);
    }
}
