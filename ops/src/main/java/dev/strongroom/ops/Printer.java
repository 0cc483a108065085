package dev.strongroom.ops;

import dev.strongroom.attestation.Tee;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Prints answers and failures in the format that the user asked for. Not thread-safe. */
final class Printer {
    private static final int SCHEMA = 1; // raised when a field changes its meaning

    private final Console console;
    private final OutputFormat format;
    private final Tee tee;

    Printer(Console console, OutputFormat format, Tee tee) {
        this.console = console;
        this.format = format;
        this.tee = tee;
    }

    void print(Answer answer) {
        if (format == OutputFormat.TABLE) {
            printTable(answer);
        } else {
            printStructured(console.out(), envelope(answer));
        }
        console.out().flush();
    }

    private void printStructured(PrintStream to, Map<String, Object> fields) {
        if (format == OutputFormat.YAML) {
            to.print(new YAMLMapper().writeValueAsString(fields));
        } else {
            to.println(json().writeValueAsString(fields));
        }
    }

    void print(Failure failure) {
        PrintStream err = console.err();
        if (format == OutputFormat.TABLE) {
            err.println("error: " + clean(failure.message()));
            err.println("  next: " + clean(failure.hint()));
        } else {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("schema", SCHEMA);
            fields.put("tee", tee.label());
            fields.put("code", failure.code());
            fields.put("exit", failure.exit().number());
            fields.put("message", failure.message());
            fields.put("hint", failure.hint());
            printStructured(err, fields);
        }
        err.flush();
    }

    private SequencedMap<String, Object> envelope(Answer answer) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("schema", SCHEMA);
        fields.put("tee", tee.label());
        switch (answer) {
            case Answer.One one -> fields.putAll(one.fields());
            case Answer.Many many -> fields.put(many.name(), many.rows());
        }
        return fields;
    }

    private static ObjectMapper json() {
        return JsonMapper.builder().build();
    }

    private void printTable(Answer answer) {
        switch (answer) {
            case Answer.One one -> printFields(one.fields());
            case Answer.Many many -> printRows(many.rows());
        }
    }

    private void printFields(Map<String, Object> fields) {
        int width = fields.keySet().stream().mapToInt(String::length).max().orElse(0);
        fields.forEach((name, value) -> {
            if (value instanceof Map<?, ?> tree && tree.size() > 1) {
                console.out().println(name);
                printTree(tree);
            } else {
                console.out().println(pad(name, width) + "  " + text(value));
            }
        });
    }

    private void printTree(Map<?, ?> tree) {
        int width = tree.keySet().stream().mapToInt(key -> text(key).length()).max().orElse(0);
        tree.forEach((name, value) ->
                console.out().println("  " + pad(text(name), width) + "  " + text(value)));
    }

    private void printRows(List<SequencedMap<String, Object>> rows) {
        if (rows.isEmpty()) {
            console.out().println("(none)");
            return;
        }
        var lines = new ArrayList<List<String>>();
        lines.add(
                rows.getFirst().keySet().stream()
                        .map(name -> name.toUpperCase(Locale.ROOT))
                        .toList());
        rows.forEach(row -> lines.add(row.values().stream().map(Printer::text).toList()));
        int columns = lines.getFirst().size();
        for (List<String> line : lines) {
            var text = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                text.append(pad(line.get(column), width(lines, column))).append("  ");
            }
            console.out().println(text.toString().stripTrailing());
        }
    }

    private static int width(List<List<String>> lines, int column) {
        return lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0);
    }

    private static String text(Object value) {
        return switch (value) {
            case String string -> clean(string);
            case Map<?, ?> map -> clean(json().writeValueAsString(map));
            case List<?> list -> clean(json().writeValueAsString(list));
            default -> String.valueOf(value);
        };
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** Text from elsewhere never steers the terminal. */
    private static String clean(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?");
    }
}
