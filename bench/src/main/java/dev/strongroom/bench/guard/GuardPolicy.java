package dev.strongroom.bench.guard;

import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import java.nio.charset.StandardCharsets;

/**
 * What an owner starts from, with more rows than a measurement asks for: once with all that the
 * guard can do to an answer, once with nothing beyond tiers, rates and budgets.
 */
public final class GuardPolicy {
    private static final String DIRECTIONS = "\"directions\":64"; // of at most ten classes

    private GuardPolicy() {}

    /** Detector, noise, four digits, directions. */
    public static OutputPolicy everything() {
        return of(
                endless()
                        .replace("\"noise\":{\"state\":\"off\"", "\"noise\":{\"state\":\"on\"")
                        .replace("\"digits\":\"exact\"", "\"digits\":4")
                        .replace("\"directions\":\"all\"", DIRECTIONS));
    }

    /** The model's numbers as they are, watched by nobody. */
    public static OutputPolicy least() {
        return of(endless().replace("\"detector\":\"on\"", "\"detector\":\"off\""));
    }

    private static String endless() {
        return OutputPolicy.standard()
                .canonical()
                .replaceAll("00,\"burst\"", "00000000,\"burst\"")
                .replaceAll("\"burst\":(\\d+)", "\"burst\":100000000000")
                .replaceAll("\"rowsPer(Day|Lease|Boot)\":\\d+", "\"rowsPer$1\":1000000000000");
    }

    private static OutputPolicy of(String json) {
        try {
            return OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
        } catch (OutputFormatException e) {
            throw new IllegalStateException(e);
        }
    }
}
