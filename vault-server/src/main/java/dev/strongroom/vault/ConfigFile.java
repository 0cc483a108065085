package dev.strongroom.vault;

import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.VaultConfig.Listener;
import dev.strongroom.vault.VaultConfig.Token;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a {@link VaultConfig} from YAML and collects every fault before it gives up. */
final class ConfigFile {
    private static final long MAX_BYTES = 64 * 1024; // a full file is under 1 KiB
    private static final Set<String> KEYS =
            Set.of("dataDir", "token", "grpc", "http", "hostNames", "limits");
    private static final Set<String> TOKEN_KEYS = Set.of("module", "label", "pinFile");
    private static final Set<String> LISTENER_KEYS = Set.of("host", "port");
    private static final Set<String> LIMIT_KEYS =
            Set.of(
                    "objectBytes",
                    "tenantBytes",
                    "unfinishedVersions",
                    "unfinishedHours",
                    "leaseMinutes",
                    "leaseInferences",
                    "rotationBatch");
    private static final long MAX_PORT = 65_535;
    private static final long MAX_HOURS = 24L * 365;

    private final List<String> faults = new ArrayList<>();

    private ConfigFile() {}

    /**
     * Reads a file.
     *
     * @throws StartupException USAGE with all faults, one a line
     */
    static VaultConfig read(Path file) throws StartupException {
        JsonNode root = parse(file);
        var reader = new ConfigFile();
        VaultConfig config = reader.config(root);
        if (!reader.faults.isEmpty()) {
            throw new StartupException(
                    Exit.USAGE,
                    "configuration "
                            + file
                            + " has "
                            + reader.faults.size()
                            + " fault(s):\n  - "
                            + String.join("\n  - ", reader.faults));
        }
        return config;
    }

    private static JsonNode parse(Path file) throws StartupException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw usage(file, "it is larger than " + MAX_BYTES + " bytes");
            }
            JsonNode root = YAMLMapper.builder().build().readTree(Files.readString(file));
            if (root == null || !root.isObject()) {
                throw usage(file, "expected keys and values, such as dataDir: /path");
            }
            return root;
        } catch (NoSuchFileException e) {
            throw usage(file, "no such file");
        } catch (JacksonException e) {
            throw usage(file, "not YAML: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new StartupException(Exit.USAGE, "configuration " + file + ": unreadable", e);
        }
    }

    private static StartupException usage(Path file, String what) {
        return new StartupException(Exit.USAGE, "configuration " + file + ": " + what);
    }

    private VaultConfig config(JsonNode root) {
        refuseUnknown(root, "", KEYS);
        return new VaultConfig(
                path(root, "", "dataDir"),
                token(root),
                listener(root, "grpc"),
                listener(root, "http"),
                hostNames(root),
                limits(root));
    }

    private Token token(JsonNode root) {
        JsonNode token = section(root, "token", TOKEN_KEYS);
        if (token.isEmpty()) {
            faults.add("token: missing; expected module, label and pinFile");
            return new Token(Path.of(""), "", Path.of(""));
        }
        return new Token(
                path(token, "token.", "module"),
                text(token, "token.", "label"),
                path(token, "token.", "pinFile"));
    }

    private Listener listener(JsonNode root, String name) {
        JsonNode listener = section(root, name, LISTENER_KEYS);
        String host = listener.has("host") ? text(listener, name + ".", "host") : "127.0.0.1";
        return new Listener(host, (int) number(listener, name + ".", "port", 0, 0, MAX_PORT));
    }

    private List<String> hostNames(JsonNode root) {
        var names = new ArrayList<String>();
        JsonNode list = root.path("hostNames");
        if (!list.isMissingNode() && !list.isArray()) {
            faults.add("hostNames: expected a list of names");
        }
        for (JsonNode name : list) {
            if (name.isString() && name.stringValue().matches("[A-Za-z0-9.:-]{1,253}")) {
                names.add(name.stringValue());
            } else {
                faults.add("hostNames: expected DNS names or addresses");
            }
        }
        return names;
    }

    private Limits limits(JsonNode root) {
        JsonNode node = section(root, "limits", LIMIT_KEYS);
        Limits or = Limits.DEFAULT;
        String at = "limits.";
        return new Limits(
                number(node, at, "objectBytes", or.objectBytes(), 1, Long.MAX_VALUE),
                number(node, at, "tenantBytes", or.tenantBytes(), 1, Long.MAX_VALUE),
                (int) number(node, at, "unfinishedVersions", or.unfinishedVersions(), 1, 10_000),
                Duration.ofHours(
                        number(
                                node,
                                at,
                                "unfinishedHours",
                                or.unfinishedAge().toHours(),
                                1,
                                MAX_HOURS)),
                Duration.ofMinutes(
                        number(
                                node,
                                at,
                                "leaseMinutes",
                                or.lease().toMinutes(),
                                1,
                                MAX_HOURS * 60)),
                number(node, at, "leaseInferences", or.leaseInferences(), 1, Long.MAX_VALUE),
                (int)
                        number(
                                node,
                                at,
                                "rotationBatch",
                                or.rotationBatch(),
                                1,
                                Limits.MAX_ROTATION_BATCH));
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
                        at
                                + key
                                + ": unknown key; expected one of "
                                + known.stream().sorted().toList());
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

    private String text(JsonNode node, String at, String key) {
        JsonNode value = node.path(key);
        if (!value.isString() || value.stringValue().isBlank()) {
            faults.add(at + key + (value.isMissingNode() ? ": missing" : ": expected a text"));
            return "";
        }
        return value.stringValue();
    }

    private long number(JsonNode node, String at, String key, long or, long min, long max) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return or;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            faults.add(at + key + ": expected a number from " + min + " to " + max);
            return or;
        }
        return value.longValue();
    }
}
