package dev.strongroom.serving.tune;

import dev.strongroom.serving.infer.RunSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Which ways to run a model are worth a look. */
final class Candidates {
    private static final int MOST_BATCH_ROWS = 32;

    private Candidates() {}

    /**
     * Runs at once and threads inside each that together keep no more processors busy than there
     * are.
     *
     * @param workers of the node: more runs at once there are not
     * @param mostThreads inside one run
     * @param batchRows of all of them
     */
    static List<RunSettings> threads(int workers, int mostThreads, int processors, int batchRows) {
        var candidates = new ArrayList<RunSettings>();
        for (int threads : upTo(mostThreads)) {
            for (int atOnce : upTo(workers)) {
                if (threads == 1 || threads * (long) atOnce <= processors) {
                    candidates.add(new RunSettings(atOnce, threads, batchRows));
                }
            }
        }
        return candidates;
    }

    /** The same with every number of rows together that so many callers can fill. */
    static List<RunSettings> batches(RunSettings of, int mostRows) {
        return upTo(Math.min(MOST_BATCH_ROWS, mostRows)).stream()
                .map(rows -> new RunSettings(of.atOnce(), of.threads(), rows))
                .toList();
    }

    /** Powers of two, and the number itself. */
    private static List<Integer> upTo(int most) {
        return IntStream.concat(
                        IntStream.iterate(1, each -> each < most, each -> each * 2),
                        IntStream.of(most))
                .boxed()
                .toList();
    }
}
