package dev.strongroom.serving;

import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.tune.Outcome;
import dev.strongroom.serving.tune.Row;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Prints what {@code tune} found, and the lines of the configuration that say it. */
final class TuneTable {
    private TuneTable() {}

    /** As one line of JSON. */
    record Line(
            String model,
            long version,
            long leaf,
            Run best,
            boolean batches,
            List<Look> rows,
            long inferences,
            Optional<String> cutShort) {
        static Line of(TuneRun.Tuned tuned) {
            Outcome outcome = tuned.outcome();
            return new Line(
                    tuned.model().toString(),
                    tuned.version(),
                    tuned.auditLeaf(),
                    Run.of(outcome.best()),
                    outcome.batches(),
                    outcome.rows().stream().map(Look::of).toList(),
                    outcome.inferences(),
                    outcome.cutShort());
        }
    }

    /** As the configuration has it. */
    record Run(int atOnce, int threads, int batchRows) {
        static Run of(RunSettings settings) {
            return new Run(settings.atOnce(), settings.threads(), settings.batchRows());
        }
    }

    /** One row of the table. */
    record Look(int callers, Run run, double rowsPerSecond, double p50Millis, double p99Millis) {
        static Look of(Row row) {
            return new Look(
                    row.callers(),
                    Run.of(row.settings()),
                    row.figures().rowsPerSecond(),
                    row.figures().p50Millis(),
                    row.figures().p99Millis());
        }
    }

    static void print(TuneRun.Tuned tuned, PrintStream out) {
        Outcome outcome = tuned.outcome();
        out.printf(
                "%-8s %-8s %-8s %-10s %12s %10s %10s%n",
                "callers", "atOnce", "threads", "batchRows", "rows/s", "p50 ms", "p99 ms");
        for (Row row : outcome.rows()) {
            out.printf(
                    Locale.ROOT,
                    "%-8d %-8d %-8d %-10d %12.1f %10.2f %10.2f%n",
                    row.callers(),
                    row.settings().atOnce(),
                    row.settings().threads(),
                    row.settings().batchRows(),
                    row.figures().rowsPerSecond(),
                    row.figures().p50Millis(),
                    row.figures().p99Millis());
        }
        out.println();
        if (!outcome.batches()) {
            out.println("# rows of several callers do not run together: batchRows changes nothing");
        }
        outcome.cutShort().ifPresent(why -> out.println("# not everything was looked at: " + why));
        out.printf(
                "# %d inferences of the lease (audit leaf %d)%n",
                outcome.inferences(), tuned.auditLeaf());
        RunSettings best = outcome.best();
        out.printf("# %s:%d on this machine%n", tuned.model(), tuned.version());
        out.printf(
                "run: {atOnce: %d, threads: %d, batchRows: %d}%n",
                best.atOnce(), best.threads(), best.batchRows());
        out.flush();
    }
}
