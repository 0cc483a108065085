package dev.strongroom.crypto.output;

import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How the canonical form writes lists and texts: no white space, nothing that JSON escapes. */
final class Spelling {
    private Spelling() {}

    static <T> String list(Collection<T> values, Function<T, String> canonical) {
        return values.stream().map(canonical).collect(Collectors.joining(",", "[", "]"));
    }

    static String quoted(String text) {
        return '"' + text + '"';
    }
}
