package dev.strongroom.serving.tune;

import java.time.Duration;
import java.util.List;

/**
 * What is tried, and how much of it.
 *
 * @param callers who ask at a time, each again as soon as he is answered; ascending
 * @param rows of each request, where the model lets its callers say
 * @param size of every other dimension that the model leaves open
 * @param time in all, but for what was begun by then
 * @param inferences in all; the lease can have fewer
 */
public record Plan(List<Integer> callers, int rows, int size, Duration time, long inferences) {
    public Plan {
        callers = callers.stream().distinct().sorted().toList();
        if (callers.isEmpty() || callers.getFirst() < 1 || rows < 1 || size < 1) {
            throw new IllegalArgumentException("plan: expected numbers above zero");
        }
        if (!time.isPositive() || inferences < 1) {
            throw new IllegalArgumentException("plan: expected some time and inferences");
        }
    }

    int mostCallers() {
        return callers.getLast();
    }
}
