package dev.strongroom.crypto.output;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One object of the document: every named field once, and no other. For one thread. */
final class Fields {
    private static final int MAX_ELEMENTS = 256;

    private final String where;
    private final Map<?, ?> values;

    private Fields(String where, Map<?, ?> values) {
        this.where = where;
        this.values = values;
    }

    /** Turns an element of a list into a value. */
    @FunctionalInterface
    interface Reader<T> {
        T read(Object json) throws OutputFormatException;
    }

    static Fields of(@Nullable Object json, String where, String... names)
            throws OutputFormatException {
        if (!(json instanceof Map<?, ?> map)) {
            throw new OutputFormatException(where + ": expected an object");
        }
        if (!map.keySet().equals(Set.of(names))) {
            throw new OutputFormatException(
                    where + ": expected exactly the fields " + new TreeSet<>(Set.of(names)));
        }
        return new Fields(where, map);
    }

    @Nullable Object get(String name) {
        return values.get(name);
    }

    String text(String name, String form) throws OutputFormatException {
        return text(values.get(name), where + "." + name, form);
    }

    static String text(@Nullable Object json, String where, String form)
            throws OutputFormatException {
        if (json instanceof String text && text.matches(form)) {
            return text;
        }
        throw new OutputFormatException(where + ": expected a text like " + form);
    }

    long number(String name, long least, long most) throws OutputFormatException {
        if (values.get(name) instanceof Long number && number >= least && number <= most) {
            return number;
        }
        throw new OutputFormatException(
                "%s.%s: expected %d to %d".formatted(where, name, least, most));
    }

    int integer(String name, int least, int most) throws OutputFormatException {
        return Math.toIntExact(number(name, least, most));
    }

    /** A number, or one word that stands for another. */
    int integerOr(String name, String word, int meaning, int least, int most)
            throws OutputFormatException {
        return word.equals(values.get(name)) ? meaning : integer(name, least, most);
    }

    boolean truth(String name) throws OutputFormatException {
        if (values.get(name) instanceof Boolean truth) {
            return truth;
        }
        throw new OutputFormatException(where + "." + name + ": expected true or false");
    }

    <T> T oneOf(String name, T[] choices, Function<T, String> label) throws OutputFormatException {
        for (T choice : choices) {
            if (label.apply(choice).equals(values.get(name))) {
                return choice;
            }
        }
        throw new OutputFormatException(
                where
                        + "."
                        + name
                        + ": expected one of "
                        + List.of(choices).stream().map(label).toList());
    }

    /** A list without repetition, in the order given. */
    <T> List<T> list(String name, Reader<T> reader) throws OutputFormatException {
        if (!(values.get(name) instanceof List<?> list) || list.size() > MAX_ELEMENTS) {
            throw new OutputFormatException(
                    where + "." + name + ": expected a list of at most " + MAX_ELEMENTS);
        }
        var elements = new ArrayList<T>();
        for (Object element : list) {
            elements.add(reader.read(element));
        }
        if (new HashSet<>(elements).size() != elements.size()) {
            throw new OutputFormatException(where + "." + name + ": expected nothing twice");
        }
        return elements;
    }

    <T> List<T> nonEmpty(String name, Reader<T> reader) throws OutputFormatException {
        List<T> elements = list(name, reader);
        if (elements.isEmpty()) {
            throw new OutputFormatException(
                    where + "." + name + ": expected a list that is not empty");
        }
        return elements;
    }
}
