package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The hunt as a process of its own: {@code --needles FILE} and any of {@code --pid N}, {@code
 * --files PATH}, {@code --except FOLDER}, {@code --stopped}, {@code --threads N}, {@code --json}.
 * Exit code 0 when everything was looked at, hits or not; 1 otherwise.
 */
public final class Hunt {
    private Path needles = Path.of("needles");
    private final List<Long> processes = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private final Set<Path> leftOut = new LinkedHashSet<>();
    private MemoryHunt.Pause pause = MemoryHunt.Pause.RUNNING;
    private int threads = Runtime.getRuntime().availableProcessors();
    private boolean json;

    private Hunt() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            new Hunt().run(List.of(arguments));
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("hunt: " + e.getMessage());
            System.exit(1);
        }
    }

    private void run(List<String> arguments) throws IOException, InterruptedException {
        var rest = new ArrayList<>(arguments);
        while (!rest.isEmpty()) {
            read(rest.removeFirst(), rest);
        }
        Needles wanted = Needles.load(needles);
        List<HuntReport> reports = new ArrayList<>();
        for (long pid : processes) {
            reports.add(new MemoryHunt(wanted, threads).hunt(pid, pause));
            List<Path> deleted = FileHunt.deletedButOpen(pid);
            if (!deleted.isEmpty()) {
                reports.add(new FileHunt(wanted).hunt(deleted, Set.of()));
            }
        }
        if (!files.isEmpty()) {
            reports.add(new FileHunt(wanted).hunt(files, leftOut));
        }
        print(reports);
    }

    private void read(String option, List<String> rest) {
        switch (option) {
            case "--json" -> json = true;
            case "--stopped" -> pause = MemoryHunt.Pause.STOPPED;
            case "--needles" -> needles = Path.of(value(option, rest));
            case "--pid" -> processes.add(Long.parseLong(value(option, rest)));
            case "--files" -> files.add(absolute(value(option, rest)));
            case "--except" -> leftOut.add(absolute(value(option, rest)));
            case "--threads" -> threads = Integer.parseInt(value(option, rest));
            default ->
                    throw new IllegalArgumentException(
                            option
                                    + ": expected --needles, --pid, --files, --except, --stopped,"
                                    + " --threads or --json");
        }
    }

    private static String value(String option, List<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(option + " wants a value");
        }
        return rest.removeFirst();
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    private void print(List<HuntReport> reports) {
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("hits", reports.stream().mapToInt(HuntReport::hits).sum());
            all.put("reports", reports.stream().map(HuntReport::toMap).toList());
            System.out.println(Json.of(all));
            return;
        }
        for (HuntReport report : reports) {
            System.out.printf(
                    "%s: %d hits of %d needles, %d at most per needle, in %d MB (%d ms)%n",
                    report.subject(),
                    report.hits(),
                    report.needles(),
                    report.mostCopies(),
                    report.scannedBytes() / 1_000_000,
                    report.took().toMillis());
            for (Finding finding : report.hitPlaces()) {
                System.out.printf("  %d hits in %s%n", finding.hits(), finding.place());
            }
        }
    }
}
