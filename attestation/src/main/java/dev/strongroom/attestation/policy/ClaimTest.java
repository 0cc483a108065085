package dev.strongroom.attestation.policy;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What is asked of one claim's value; a claim that is absent passes {@link Any} only. */
sealed interface ClaimTest {
    boolean holds(Optional<String> actual);

    /** For people, after "expected". */
    String expected();

    /** The same with the values, which are the policy's own. */
    default String explain() {
        return expected();
    }

    /** Operator and value in their only spelling. */
    String canonical();

    /** One of these values; {@code eq} is the case of one. */
    record OneOf(List<String> values) implements ClaimTest {
        @Override
        public boolean holds(Optional<String> actual) {
            return actual.filter(values::contains).isPresent();
        }

        @Override
        public String expected() {
            return "one of " + values.size() + " named values";
        }

        @Override
        public String explain() {
            return String.join(" or ", values);
        }

        @Override
        public String canonical() {
            return "\"op\":\"in\",\"value\":[\"%s\"]".formatted(String.join("\",\"", values));
        }
    }

    /** A value, and none of these. */
    record NoneOf(List<String> values) implements ClaimTest {
        @Override
        public boolean holds(Optional<String> actual) {
            return actual.isPresent() && !values.contains(actual.get());
        }

        @Override
        public String expected() {
            return "none of " + values.size() + " named values";
        }

        @Override
        public String explain() {
            return "not " + String.join(", nor ", values);
        }

        @Override
        public String canonical() {
            return "\"op\":\"notIn\",\"value\":[\"%s\"]".formatted(String.join("\",\"", values));
        }
    }

    /** A number, and at least this one. */
    record AtLeast(long value) implements ClaimTest {
        @Override
        public boolean holds(Optional<String> actual) {
            return actual.filter(number -> number.matches("[0-9]{1,18}"))
                    .filter(number -> Long.parseLong(number) >= value)
                    .isPresent();
        }

        @Override
        public String expected() {
            return "at least " + value;
        }

        @Override
        public String canonical() {
            return "\"op\":\"ge\",\"value\":" + value;
        }
    }

    /** A bit field of 8 bytes in hex with at least the bits of {@code mask} set. */
    record Bits(long mask) implements ClaimTest {
        @Override
        public boolean holds(Optional<String> actual) {
            return actual.filter(hex -> hex.matches("[0-9a-f]{16}"))
                    .filter(hex -> (HexFormat.fromHexDigitsToLong(hex) & mask) == mask)
                    .isPresent();
        }

        @Override
        public String expected() {
            return "the bits " + HexFormat.of().toHexDigits(mask);
        }

        @Override
        public String canonical() {
            return "\"op\":\"bits\",\"value\":\"%s\"".formatted(HexFormat.of().toHexDigits(mask));
        }
    }

    /** Whatever it is, or nothing: the owner says that it does not matter. */
    record Any() implements ClaimTest {
        @Override
        public boolean holds(Optional<String> actual) {
            return true;
        }

        @Override
        public String expected() {
            return "anything";
        }

        @Override
        public String canonical() {
            return "\"op\":\"any\"";
        }
    }
}
