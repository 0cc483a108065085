package dev.strongroom.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a YAML file of settings. Strict: an unknown key, a key twice, a second document and a value
 * of the wrong kind are faults, and all faults of a file are listed together.
 *
 * <p>Thread-safe.
 */
public final class Settings {
    private static final int MAX_BYTES = 64 * 1024; // a full file is under 1 KiB

    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Settings() {}

    /**
     * Reads and checks a file.
     *
     * @param example a line such a file has, to show when this one is no such file
     * @param reading takes what it needs; its result counts only if no fault was found
     */
    public static <T> T read(Path file, String example, Function<Section, T> reading)
            throws SettingsException {
        var faults = new ArrayList<String>();
        T settings = reading.apply(new Section(parse(file, example), "", faults));
        if (!faults.isEmpty()) {
            throw new SettingsException(
                    "configuration %s has %d fault(s):\n  - %s"
                            .formatted(file, faults.size(), String.join("\n  - ", faults)));
        }
        return settings;
    }

    private static JsonNode parse(Path file, String example) throws SettingsException {
        if (Files.isDirectory(file)) {
            throw fault(file, "a folder; expected a YAML file");
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw fault(file, "larger than " + MAX_BYTES + " bytes");
            }
            JsonNode root = YAML.readTree(Files.readString(file));
            if (root == null || !root.isObject()) {
                throw fault(file, "expected keys and values, such as " + example);
            }
            return root;
        } catch (NoSuchFileException e) {
            throw fault(file, "no such file");
        } catch (MalformedInputException e) {
            throw fault(file, "not UTF-8: it is no text");
        } catch (JacksonException e) {
            throw fault(file, "not YAML: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new SettingsException(
                    "configuration " + file + ": cannot be read; check its owner and mode", e);
        }
    }

    private static SettingsException fault(Path file, String what) {
        return new SettingsException("configuration " + file + ": " + what);
    }
}
