package dev.strongroom.serving;

import com.sun.management.OperatingSystemMXBean;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.config.Section;
import dev.strongroom.config.Settings;
import dev.strongroom.config.SettingsException;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.serving.NodeConfig.Listen;
import dev.strongroom.serving.NodeConfig.Tenant;
import dev.strongroom.serving.NodeConfig.Wanted;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.PeerLimits;
import dev.strongroom.serving.infer.PeerLimits.Reflection;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServingLimits;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads a {@link NodeConfig} and collects every fault before it gives up. */
final class ConfigFile {
    private static final String HOST = "(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+)";
    static final String HOST_AND_PORT = HOST + ":[0-9]{1,5}";
    private static final int MAX_PORT = 65_535;
    private static final int MAX_THREADS = 1024;
    private static final long MIN_RUN_BYTES = 1 << 20; // what an arena begins with
    private static final int MAX_QUEUED = 1 << 20;
    private static final int MAX_MESSAGE_BYTES = 1 << 30; // gRPC's own limit is 2 GiB
    private static final int MAX_CONNECTIONS = 1 << 20;
    private static final int MAX_MILLIS = 86_400_000; // a day
    private static final int MAX_SEQUENCES = 4096;
    private static final int MAX_CONTEXT = 1 << 24;
    private static final int MAX_SECONDS = 86_400;
    private static final long WORKING_PER_MEMORY = 4; // most graphs never need what they may
    private static final Digest NO_PIN = Digest.sha256();

    private ConfigFile() {}

    /**
     * @param heapBytes the most that this process's heap may have
     */
    static NodeConfig read(Path file, long heapBytes) throws NodeException {
        try {
            return Settings.read(file, "model: tenant/name", root -> config(root, file, heapBytes));
        } catch (SettingsException e) {
            throw new NodeException(Exit.LOCAL, String.valueOf(e.getMessage()), e);
        }
    }

    private static NodeConfig config(Section root, Path file, long heapBytes) {
        root.only(
                "vault",
                "identity",
                "tenants",
                "pin",
                "model",
                "version",
                "follow",
                "run",
                "models",
                "dataDir",
                "listen",
                "rest",
                "metrics",
                "threads",
                "profile",
                "protect",
                "memoryBytes",
                "runBytes",
                "limits",
                "generate",
                "posture",
                "agent");
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = root.number("threads", processors, 1, MAX_THREADS);
        Loading loading = loading(root);
        Section limits =
                root.section(
                        "limits",
                        "messageBytes",
                        "queued",
                        "batchRows",
                        "waitMillis",
                        "runMillis",
                        "idleMillis",
                        "workingBytes",
                        "connectionsPerAddress",
                        "reflection");
        var standard =
                new RunSettings(
                        threads,
                        1,
                        ModelSections.batchRows(limits, RunSettings.DEFAULT_BATCH_ROWS));
        List<Wanted> models = new ModelSections(standard, loading.kind()).read(root);
        List<Tenant> tenants = TenantSections.read(root, models);
        return new NodeConfig(
                root.matching("vault", HOST_AND_PORT, "HOST:PORT"),
                root.parsed("pin", "64 lower-case hex digits", Digest::new, NO_PIN),
                tenants,
                models,
                root.path("dataDir"),
                listen(root.section("listen", "host", "port")),
                maybeListen(root, "rest"),
                maybeListen(root, "metrics"),
                threads,
                loading,
                limits(
                        limits,
                        threads,
                        loading.memoryBytes(),
                        heapBytes,
                        Math.max(1, tenants.size())),
                generation(
                        root.section(
                                "generate", "cacheBytes", "sequences", "contextTokens", "seconds")),
                posture(root),
                file);
    }

    private static Posture posture(Section root) {
        return root.has("posture")
                ? root.parsed("posture", "base or hardened", ConfigFile::level, Posture.BASE)
                : Posture.BASE;
    }

    private static Posture level(String word) {
        return switch (word) {
            case "base" -> Posture.BASE;
            case "hardened" -> Posture.HARDENED;
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static Loading loading(Section root) {
        return new Loading(
                root.has("profile")
                        ? root.parsed(
                                "profile",
                                "single-copy or fast",
                                Loading.Kind::of,
                                Loading.Kind.SINGLE_COPY)
                        : Loading.Kind.SINGLE_COPY,
                root.has("protect")
                        ? root.parsed(
                                "protect",
                                "locked or secretmem",
                                ConfigFile::protection,
                                Protection.LOCKED)
                        : Protection.LOCKED,
                root.number("memoryBytes", machineBytes() / 4 * 3, 1, Long.MAX_VALUE),
                root.number("runBytes", machineBytes() / 8, MIN_RUN_BYTES, Long.MAX_VALUE));
    }

    private static Protection protection(String label) {
        return switch (label) {
            case "locked" -> Protection.LOCKED;
            case "secretmem" -> Protection.SECRET;
            default -> throw new IllegalArgumentException(label);
        };
    }

    private static long machineBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    private static Optional<Listen> maybeListen(Section root, String name) {
        return root.has(name)
                ? Optional.of(listen(root.section(name, "host", "port")))
                : Optional.empty();
    }

    private static Listen listen(Section listen) {
        return new Listen(
                listen.has("host")
                        ? listen.matching("host", HOST, "a name or address")
                        : "127.0.0.1",
                listen.number("port", 0, 0, MAX_PORT));
    }

    private static ServingLimits limits(
            Section limits, int threads, long memoryBytes, long heapBytes, int tenants) {
        var read =
                new ServingLimits(
                        limits.number(
                                "messageBytes",
                                ServingLimits.DEFAULT_MESSAGE_BYTES,
                                1,
                                MAX_MESSAGE_BYTES),
                        threads,
                        limits.number("queued", ServingLimits.DEFAULT_QUEUED, 1, MAX_QUEUED),
                        millis(limits, "waitMillis", ServingLimits.DEFAULT_WAIT),
                        millis(limits, "runMillis", ServingLimits.DEFAULT_RUN),
                        limits.number("workingBytes", workingBytes(memoryBytes), 1, Long.MAX_VALUE),
                        peers(limits),
                        heapBytes,
                        tenants);
        requireRoom(read, limits);
        return read;
    }

    private static void requireRoom(ServingLimits read, Section limits) {
        try {
            var _ = read.account();
        } catch (IllegalArgumentException e) {
            limits.fault("messageBytes", String.valueOf(e.getMessage()));
        }
    }

    private static PeerLimits peers(Section limits) {
        return new PeerLimits(
                millis(limits, "idleMillis", PeerLimits.DEFAULT_IDLE),
                limits.number(
                        "connectionsPerAddress",
                        PeerLimits.DEFAULT_CONNECTIONS_PER_ADDRESS,
                        1,
                        MAX_CONNECTIONS),
                limits.has("reflection")
                        ? limits.parsed(
                                "reflection", "on or off", ConfigFile::reflection, Reflection.OFF)
                        : Reflection.OFF);
    }

    private static Reflection reflection(String word) {
        return switch (word) {
            case "on", "true" -> Reflection.ON; // YAML 1.1 readers take on for true
            case "off", "false" -> Reflection.OFF;
            default -> throw new IllegalArgumentException(word);
        };
    }

    /** What is far beyond the node's memory is refused before it is tried. */
    private static long workingBytes(long memoryBytes) {
        return Math.min(
                ServingLimits.DEFAULT_WORKING_BYTES,
                memoryBytes > Long.MAX_VALUE / WORKING_PER_MEMORY
                        ? Long.MAX_VALUE
                        : WORKING_PER_MEMORY * memoryBytes);
    }

    private static GenerationLimits generation(Section generate) {
        GenerationLimits standard = GenerationLimits.STANDARD;
        int seconds = Math.toIntExact(standard.longest().toSeconds());
        return new GenerationLimits(
                generate.number("cacheBytes", standard.cacheBytes(), 1, Long.MAX_VALUE),
                generate.number("sequences", standard.sequences(), 1, MAX_SEQUENCES),
                generate.number("contextTokens", standard.contextTokens(), 2, MAX_CONTEXT),
                Duration.ofSeconds(generate.number("seconds", seconds, 1, MAX_SECONDS)));
    }

    private static Duration millis(Section limits, String name, Duration otherwise) {
        int millis = Math.toIntExact(otherwise.toMillis());
        return Duration.ofMillis(limits.number(name, millis, 1, MAX_MILLIS));
    }
}
