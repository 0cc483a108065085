package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an owner has a decoder generate, sealed beside it as JSON with exactly these fields:
 *
 * <pre>{@code
 * {"version": 1, "endOfSequence": [TOKEN, …], "contextTokens": N}
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 *
 * @param endOfSequence tokens that end a sequence, at most 16
 * @param contextTokens of prompt and generated tokens together that the model can read, 2 to 2^24
 */
public record GenerationSettings(Set<Integer> endOfSequence, int contextTokens) {
    /** Nothing ends a sequence but a limit, and only a node's bounds its length. */
    public static final GenerationSettings UNKNOWN =
            new GenerationSettings(Set.of(), Integer.MAX_VALUE);

    public static final int MAX_BYTES = 4096;
    private static final Set<String> FIELDS = Set.of("version", "endOfSequence", "contextTokens");
    private static final int MAX_ENDS = 16;
    private static final int MAX_TOKEN = 1 << 24; // larger than vocabularies are
    private static final int MAX_CONTEXT = 1 << 24;

    public GenerationSettings {
        endOfSequence = Set.copyOf(endOfSequence);
    }

    /**
     * Reads them.
     *
     * @throws SealedFormatException if it is anything else
     */
    public static GenerationSettings parse(byte[] json) throws SealedFormatException {
        Object document;
        try {
            document = Json.parse("generation settings", json, MAX_BYTES);
        } catch (MalformedEncodingException e) {
            throw new SealedFormatException(String.valueOf(e.getMessage()), e);
        }
        if (!(document instanceof Map<?, ?> fields) || !fields.keySet().equals(FIELDS)) {
            throw expected("exactly the fields version, endOfSequence and contextTokens");
        }
        number("version", fields.get("version"), 1, 1);
        return new GenerationSettings(
                ends(fields.get("endOfSequence")),
                number("contextTokens", fields.get("contextTokens"), 2, MAX_CONTEXT));
    }

    private static Set<Integer> ends(@Nullable Object json) throws SealedFormatException {
        if (!(json instanceof List<?> list) || list.size() > MAX_ENDS) {
            throw expected("endOfSequence: a list of at most " + MAX_ENDS + " tokens");
        }
        Set<Integer> ends = new HashSet<>();
        for (Object token : list) {
            ends.add(number("endOfSequence", token, 0, MAX_TOKEN));
        }
        return ends;
    }

    private static int number(String name, @Nullable Object json, int least, int most)
            throws SealedFormatException {
        if (json instanceof Long number && number >= least && number <= most) {
            return Math.toIntExact(number);
        }
        throw expected("%s: %d to %d".formatted(name, least, most));
    }

    private static SealedFormatException expected(String what) {
        return new SealedFormatException("generation settings: expected " + what);
    }
}
