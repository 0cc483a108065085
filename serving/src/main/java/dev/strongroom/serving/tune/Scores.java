package dev.strongroom.serving.tune;

import dev.strongroom.serving.infer.RunSettings;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Says which of some ways to run a model is best. */
final class Scores {
    /** What differs by less is not known to differ; then the one that takes less is better. */
    private static final double SAME = 0.98;

    private Scores() {}

    /**
     * The one whose rows per second come closest to the best ones, over all numbers of callers
     * alike: the geometric mean of its shares of the best.
     */
    static RunSettings best(List<Row> rows) {
        List<RunSettings> settings = rows.stream().map(Row::settings).distinct().toList();
        double most = settings.stream().mapToDouble(each -> score(each, rows)).max().orElseThrow();
        return settings.stream()
                .filter(each -> score(each, rows) >= SAME * most)
                .min(
                        Comparator.comparingInt(Scores::processors)
                                .thenComparingInt(RunSettings::batchRows))
                .orElseThrow();
    }

    private static int processors(RunSettings settings) {
        return settings.atOnce() * settings.threads();
    }

    private static double score(RunSettings settings, List<Row> rows) {
        List<Row> own = rows.stream().filter(row -> row.settings().equals(settings)).toList();
        double logarithms =
                own.stream().collect(Collectors.averagingDouble(row -> Math.log(share(row, rows))));
        return Math.exp(logarithms);
    }

    private static double share(Row row, List<Row> rows) {
        double best =
                rows.stream()
                        .filter(other -> other.callers() == row.callers())
                        .mapToDouble(other -> other.figures().rowsPerSecond())
                        .max()
                        .orElseThrow();
        return row.figures().rowsPerSecond() / best;
    }
}
