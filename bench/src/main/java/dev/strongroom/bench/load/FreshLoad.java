package dev.strongroom.bench.load;

import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.open.ReleaseKey;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fitness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** One load in a process of its own: how long the first takes, and how much memory it ever had. */
public final class FreshLoad {
    public static final String NAME = "load-once";

    private static final String PEAK = "VmHWM:";
    private static final long KIB = 1024;

    private FreshLoad() {}

    /** What to load. */
    enum Way {
        NOTHING,
        PLAIN,
        SINGLE_COPY,
        FAST,
        SECRETMEM
    }

    /**
     * @param millis from the first call into a library to the first answer
     * @param peakBytes that the process ever had in memory
     */
    record Seen(double millis, long peakBytes) {}

    /** WAY FOLDER: prints time and peak. */
    public static void run(String[] words) throws Exception {
        Path at = Path.of(words[1]);
        asFarAsANodeIs();
        double millis = load(Way.valueOf(words[0]), at);
        System.out.println(millis + " " + peakBytes());
    }

    /** A node logs, has checked its posture and has made its release key before it has a lease. */
    private static void asFarAsANodeIs() {
        LoggerFactory.getLogger(FreshLoad.class).debug("load.begins");
        Fitness.reach(Posture.BASE, Path.of("/"));
        ReleaseKey.generate().close();
    }

    /**
     * Starts such a process.
     *
     * @param libraries option that says where they are
     */
    static Seen in(String libraries, Way way, Path at) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx128m",
                        "-XX:-UsePerfData",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        libraries,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.strongroom.bench.Main",
                        NAME,
                        way.name(),
                        at.toString()));
        Process child =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said =
                new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (child.waitFor() != 0) {
            throw new IOException(way + " of " + at + " ended with code " + child.exitValue());
        }
        String[] figures = said.split(" ", -1);
        return new Seen(Double.parseDouble(figures[0]), Long.parseLong(figures[1]));
    }

    private static double load(Way way, Path at) throws Exception {
        return switch (way) {
            case NOTHING -> 0;
            case PLAIN -> PlainLoad.asIs(at);
            case SINGLE_COPY -> sealed(at).singleCopy(Sealing.read(at), Protection.LOCKED);
            case FAST -> sealed(at).fast(Sealing.read(at));
            case SECRETMEM -> sealed(at).singleCopy(Sealing.read(at), Protection.SECRET);
        };
    }

    private static SealedLoad sealed(Path at) {
        return new SealedLoad(at.resolve("scratch"));
    }

    private static long peakBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(PEAK))
                .map(line -> line.substring(PEAK.length()).strip().split(" ", 2)[0])
                .mapToLong(kib -> Long.parseLong(kib) * KIB)
                .findFirst()
                .orElseThrow();
    }
}
