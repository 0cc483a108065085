package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.serving.NodeConfig.Identity;
import dev.strongroom.serving.NodeConfig.Listen;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.rpc.RpcLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a {@link NodeConfig} and collects every fault before it gives up. */
final class ConfigFile {
    private static final long MAX_BYTES = 64 * 1024; // a full file is under 1 KiB
    private static final Set<String> KEYS =
            Set.of(
                    "vault",
                    "identity",
                    "pin",
                    "model",
                    "version",
                    "dataDir",
                    "listen",
                    "threads",
                    "limits");
    private static final Set<String> IDENTITY_KEYS = Set.of("ca", "cert", "key");
    private static final Set<String> LISTEN_KEYS = Set.of("host", "port");
    private static final Set<String> LIMIT_KEYS = Set.of("messageBytes", "queued");
    private static final String HOST = "(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+)";
    private static final long MAX_PORT = 65_535;
    private static final long MAX_THREADS = 1024;
    private static final long MAX_MESSAGE_BYTES = 1L << 30; // gRPC's own limit is 2 GiB
    private static final Digest NO_PIN = Digest.sha256();
    private static final ModelName NO_MODEL = ModelName.parse("-/-");

    private final List<String> faults = new ArrayList<>();

    private ConfigFile() {}

    static NodeConfig read(Path file) throws NodeException {
        JsonNode root = parse(file);
        var reader = new ConfigFile();
        NodeConfig config = reader.config(root);
        if (!reader.faults.isEmpty()) {
            throw new NodeException(
                    Exit.LOCAL,
                    "configuration %s has %d fault(s):\n  - %s"
                            .formatted(
                                    file,
                                    reader.faults.size(),
                                    String.join("\n  - ", reader.faults)));
        }
        return config;
    }

    private static JsonNode parse(Path file) throws NodeException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw fault(file, "larger than " + MAX_BYTES + " bytes");
            }
            JsonNode root = YAMLMapper.builder().build().readTree(Files.readString(file));
            if (root == null || !root.isObject()) {
                throw fault(file, "expected keys and values, such as model: tenant/name");
            }
            return root;
        } catch (NoSuchFileException e) {
            throw fault(file, "no such file");
        } catch (JacksonException e) {
            throw fault(file, "not YAML: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new NodeException(Exit.LOCAL, "configuration " + file + ": unreadable", e);
        }
    }

    private static NodeException fault(Path file, String what) {
        return new NodeException(Exit.LOCAL, "configuration " + file + ": " + what);
    }

    private NodeConfig config(JsonNode root) {
        refuseUnknown(root, "", KEYS);
        JsonNode listen = section(root, "listen", LISTEN_KEYS);
        JsonNode limits = section(root, "limits", LIMIT_KEYS);
        int threads =
                (int)
                        number(
                                root,
                                "",
                                "threads",
                                Runtime.getRuntime().availableProcessors(),
                                1,
                                MAX_THREADS);
        return new NodeConfig(
                matching(root, "vault", HOST + ":[0-9]{1,5}", "HOST:PORT"),
                identity(section(root, "identity", IDENTITY_KEYS)),
                parsed(root, "pin", "64 lower-case hex digits", Digest::new, NO_PIN),
                parsed(root, "model", "tenant/name", ModelName::parse, NO_MODEL),
                number(root, "", "version", 0, 0, Long.MAX_VALUE),
                path(root, "", "dataDir"),
                new Listen(
                        listen.has("host")
                                ? matching(listen, "host", HOST, "a name or address")
                                : "127.0.0.1",
                        (int) number(listen, "listen.", "port", 0, 0, MAX_PORT)),
                threads,
                new RpcLimits(
                        (int)
                                number(
                                        limits,
                                        "limits.",
                                        "messageBytes",
                                        RpcLimits.DEFAULT_MESSAGE_BYTES,
                                        1,
                                        MAX_MESSAGE_BYTES),
                        threads,
                        (int)
                                number(
                                        limits,
                                        "limits.",
                                        "queued",
                                        RpcLimits.DEFAULT_QUEUED,
                                        1,
                                        1 << 20)));
    }

    private Identity identity(JsonNode identity) {
        return new Identity(
                path(identity, "identity.", "ca"),
                path(identity, "identity.", "cert"),
                path(identity, "identity.", "key"));
    }

    private JsonNode section(JsonNode root, String name, Set<String> keys) {
        JsonNode section = root.path(name);
        if (section.isMissingNode()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!section.isObject()) {
            faults.add(name + ": expected the keys " + keys.stream().sorted().toList());
            return JsonNodeFactory.instance.objectNode();
        }
        refuseUnknown(section, name + ".", keys);
        return section;
    }

    private void refuseUnknown(JsonNode node, String at, Set<String> known) {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                faults.add(
                        "%s%s: unknown key; expected one of %s"
                                .formatted(at, key, known.stream().sorted().toList()));
            }
        }
    }

    private Path path(JsonNode node, String at, String key) {
        String text = text(node, at, key);
        if (!text.isEmpty() && !text.startsWith("/")) {
            faults.add(at + key + ": expected an absolute path");
        }
        return Path.of(text);
    }

    private String matching(JsonNode node, String key, String pattern, String expected) {
        return parsed(
                node,
                key,
                expected,
                text -> {
                    if (!text.matches(pattern)) {
                        throw new IllegalArgumentException(key);
                    }
                    return text;
                },
                "");
    }

    private <T> T parsed(
            JsonNode node, String key, String expected, Function<String, T> parser, T otherwise) {
        String text = text(node, "", key);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            faults.add(key + ": expected " + expected);
            return otherwise;
        }
    }

    private String text(JsonNode node, String at, String key) {
        JsonNode value = node.path(key);
        if (!value.isString() || value.stringValue().isBlank()) {
            faults.add(at + key + (value.isMissingNode() ? ": missing" : ": expected a text"));
            return "";
        }
        return value.stringValue();
    }

    private long number(JsonNode node, String at, String key, long otherwise, long min, long max) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            faults.add("%s%s: expected a number from %d to %d".formatted(at, key, min, max));
            return otherwise;
        }
        return value.longValue();
    }
}
