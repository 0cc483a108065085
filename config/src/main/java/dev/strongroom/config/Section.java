package dev.strongroom.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Keys and values at one place of a configuration file. A reader that finds a fault notes it and
 * gives some value in place, so that one pass finds them all.
 *
 * <p>Used by one thread.
 */
public final class Section {
    private final JsonNode node;
    private final String at;
    private final List<String> faults;

    Section(JsonNode node, String at, List<String> faults) {
        this.node = node;
        this.at = at;
        this.faults = faults;
    }

    /** Says every key that may stand here; any other one is a fault. */
    public Section only(String... keys) {
        var known = Set.of(keys);
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                fault(key, "unknown key; expected one of " + sorted(keys));
            }
        }
        return this;
    }

    /** Keys and values below a key, with the keys that may stand there; empty when it is absent. */
    public Section section(String key, String... keys) {
        JsonNode below = node.path(key);
        if (!below.isMissingNode() && !below.isObject()) {
            fault(key, "expected the keys " + sorted(keys));
        }
        JsonNode content = below.isObject() ? below : JsonNodeFactory.instance.objectNode();
        return new Section(content, at + key + ".", faults).only(keys);
    }

    /** A list of keys and values each, with the keys that may stand there; empty when absent. */
    public List<Section> sections(String key, String... keys) {
        JsonNode list = node.path(key);
        boolean wellFormed = list.isArray() && list.valueStream().allMatch(JsonNode::isObject);
        if (!wellFormed) {
            if (!list.isMissingNode()) {
                fault(key, "expected a list of " + sorted(keys));
            }
            return List.of();
        }
        return list.valueStream()
                .map(element -> new Section(element, at + key + ".", faults).only(keys))
                .toList();
    }

    public boolean has(String key) {
        return node.has(key);
    }

    /** True when nothing stands here. */
    public boolean isEmpty() {
        return node.isEmpty();
    }

    /** Notes a fault that only the caller can see. */
    public void fault(String key, String what) {
        faults.add(at + key + ": " + what);
    }

    /** A text that must be there; the empty text after a fault. */
    public String text(String key) {
        JsonNode value = node.path(key);
        if (!value.isString() || value.stringValue().isBlank()) {
            fault(key, value.isMissingNode() ? "missing" : "expected a text");
            return "";
        }
        return value.stringValue();
    }

    /** A text, or {@code otherwise} where none is given. */
    public String text(String key, String otherwise) {
        return has(key) ? text(key) : otherwise;
    }

    /** An absolute path that must be there. */
    public Path path(String key) {
        String text = text(key);
        try {
            Path path = Path.of(text);
            if (!text.isEmpty() && !path.isAbsolute()) {
                fault(key, "expected an absolute path");
            }
            return path;
        } catch (InvalidPathException e) {
            fault(key, "expected an absolute path");
            return Path.of("");
        }
    }

    /** An absolute path, or {@code otherwise} where none is given. */
    public Path path(String key, Path otherwise) {
        return has(key) ? path(key) : otherwise;
    }

    /**
     * A text that must be there and be read by {@code parser}.
     *
     * @param expected what it should be, for the fault
     * @param parser throws IllegalArgumentException
     * @param otherwise stands in after a fault
     */
    public <T> T parsed(String key, String expected, Function<String, T> parser, T otherwise) {
        String text = text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            fault(key, "expected " + expected);
            return otherwise;
        }
    }

    /** A text that must be there and match all of a pattern. */
    public String matching(String key, String pattern, String expected) {
        String text = text(key);
        if (!text.isEmpty() && !text.matches(pattern)) {
            fault(key, "expected " + expected);
        }
        return text;
    }

    /** A list of texts, each of which matches; empty when it is absent. */
    public List<String> texts(String key, String pattern, String expected) {
        JsonNode list = node.path(key);
        if (!list.isMissingNode() && !list.isArray()) {
            fault(key, "expected a list of " + expected);
        }
        var texts = new ArrayList<String>();
        for (JsonNode element : list.isArray() ? list : JsonNodeFactory.instance.arrayNode()) {
            if (element.isString() && element.stringValue().matches(pattern)) {
                texts.add(element.stringValue());
            } else {
                fault(key, "expected " + expected);
            }
        }
        return List.copyOf(texts);
    }

    /** A whole number, or {@code otherwise} where none is given. */
    public long number(String key, long otherwise, long min, long max) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            fault(key, "expected a number from %d to %d".formatted(min, max));
            return otherwise;
        }
        return value.longValue();
    }

    /** A whole number that fits an int. */
    public int number(String key, int otherwise, int min, int max) {
        return Math.toIntExact(number(key, (long) otherwise, min, max));
    }

    private static List<String> sorted(String... keys) {
        return Stream.of(keys).sorted().toList();
    }
}
