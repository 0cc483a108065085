package dev.strongroom.serving;

import com.sun.management.OperatingSystemMXBean;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.config.Section;
import dev.strongroom.config.Settings;
import dev.strongroom.config.SettingsException;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.serving.NodeConfig.Identity;
import dev.strongroom.serving.NodeConfig.Listen;
import dev.strongroom.serving.NodeConfig.Wanted;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.ServingLimits.Reflection;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads a {@link NodeConfig} and collects every fault before it gives up. */
final class ConfigFile {
    private static final String HOST = "(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+)";
    private static final int MAX_PORT = 65_535;
    private static final int MAX_FOLLOW_SECONDS = 86_400;
    private static final int MAX_MODELS = 64;
    private static final int MAX_THREADS = 1024;
    private static final int MAX_QUEUED = 1 << 20;
    private static final int MAX_MESSAGE_BYTES = 1 << 30; // gRPC's own limit is 2 GiB
    private static final int MAX_BATCH_ROWS = 1024;
    private static final int MAX_CONNECTIONS = 1 << 20;
    private static final int MAX_MILLIS = 86_400_000; // a day
    private static final int MAX_SEQUENCES = 4096;
    private static final int MAX_CONTEXT = 1 << 24;
    private static final int MAX_SECONDS = 86_400;
    private static final long WORKING_PER_MEMORY = 4; // most graphs never need what they may
    private static final Digest NO_PIN = Digest.sha256();
    private static final ModelName NO_MODEL = ModelName.parse("-/-");

    private ConfigFile() {}

    static NodeConfig read(Path file) throws NodeException {
        try {
            return Settings.read(file, "model: tenant/name", root -> config(root, file));
        } catch (SettingsException e) {
            throw new NodeException(Exit.LOCAL, String.valueOf(e.getMessage()), e);
        }
    }

    private static NodeConfig config(Section root, Path file) {
        root.only(
                "vault",
                "identity",
                "pin",
                "model",
                "version",
                "follow",
                "models",
                "dataDir",
                "listen",
                "rest",
                "metrics",
                "threads",
                "profile",
                "protect",
                "memoryBytes",
                "limits",
                "generate",
                "posture",
                "agent");
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = root.number("threads", processors, 1, MAX_THREADS);
        Loading loading = loading(root);
        return new NodeConfig(
                root.matching("vault", HOST + ":[0-9]{1,5}", "HOST:PORT"),
                identity(root.section("identity", "ca", "cert", "key")),
                root.parsed("pin", "64 lower-case hex digits", Digest::new, NO_PIN),
                models(root),
                root.path("dataDir"),
                listen(root.section("listen", "host", "port")),
                maybeListen(root, "rest"),
                maybeListen(root, "metrics"),
                threads,
                loading,
                limits(
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
                                "reflection"),
                        threads,
                        loading.memoryBytes()),
                generation(
                        root.section(
                                "generate", "cacheBytes", "sequences", "contextTokens", "seconds")),
                posture(root),
                root.has("agent")
                        ? Optional.of(root.matching("agent", HOST + ":[0-9]{1,5}", "HOST:PORT"))
                        : Optional.empty(),
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

    private static List<Wanted> models(Section root) {
        if (!root.has("models")) {
            return List.of(wanted(root));
        }
        for (String key : List.of("model", "version", "follow")) {
            if (root.has(key)) {
                root.fault(key, "beside models; write it into the list");
            }
        }
        List<Wanted> models =
                root.sections("models", "model", "version", "follow").stream()
                        .map(ConfigFile::wanted)
                        .toList();
        if (models.isEmpty() || models.size() > MAX_MODELS) {
            root.fault("models", "expected 1 to " + MAX_MODELS);
        }
        if (models.stream().map(Wanted::name).distinct().count() < models.size()) {
            root.fault("models", "expected each model once");
        }
        if (models.stream().map(model -> model.name().tenant()).distinct().count() > 1) {
            root.fault(
                    "models",
                    "expected those of one tenant; no policy can allow two owners in one node yet,"
                            + " so start one for each");
        }
        return models.isEmpty() ? List.of(new Wanted(NO_MODEL, 0, Duration.ZERO)) : models;
    }

    private static Wanted wanted(Section at) {
        return new Wanted(
                at.parsed("model", "tenant/name", ModelName::parse, NO_MODEL),
                at.number("version", 0, 0, Long.MAX_VALUE),
                follow(at));
    }

    private static Duration follow(Section root) {
        Duration every = Duration.ofSeconds(root.number("follow", 0, 0, MAX_FOLLOW_SECONDS));
        if (every.isPositive() && root.number("version", 0, 0, Long.MAX_VALUE) != 0) {
            root.fault("follow", "expected version: 0, the latest; a fixed one has no later one");
        }
        return every;
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
                root.number("memoryBytes", machineBytes() / 4 * 3, 1, Long.MAX_VALUE));
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

    private static Identity identity(Section identity) {
        return new Identity(identity.path("ca"), identity.path("cert"), identity.path("key"));
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

    private static ServingLimits limits(Section limits, int threads, long memoryBytes) {
        return new ServingLimits(
                limits.number(
                        "messageBytes", ServingLimits.DEFAULT_MESSAGE_BYTES, 1, MAX_MESSAGE_BYTES),
                threads,
                limits.number("queued", ServingLimits.DEFAULT_QUEUED, 1, MAX_QUEUED),
                limits.number("batchRows", ServingLimits.DEFAULT_BATCH_ROWS, 1, MAX_BATCH_ROWS),
                millis(limits, "waitMillis", ServingLimits.DEFAULT_WAIT),
                millis(limits, "runMillis", ServingLimits.DEFAULT_RUN),
                millis(limits, "idleMillis", ServingLimits.DEFAULT_IDLE),
                limits.number("workingBytes", workingBytes(memoryBytes), 1, Long.MAX_VALUE),
                limits.number(
                        "connectionsPerAddress",
                        ServingLimits.DEFAULT_CONNECTIONS_PER_ADDRESS,
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
