package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a node is to hold against callers of a model because somebody at the vault said so, beside
 * what its guard finds by itself. The stricter of both counts, so that taking a measure back never
 * shows more than the owner's policy and the guard allow.
 *
 * @param whose whether {@code name} is one caller or a group of callers
 * @param name {@code tenant/role/name}, or the group that certificates declare
 * @param policySeq the output policy's sequence number when the measure was taken; a later policy
 *     that pardons the caller ends it. {@link #NO_PARDON}: none does
 */
public record GuardMeasure(Whose whose, String name, Step step, long policySeq) {
    /** Of what no policy lifts. */
    public static final long NO_PARDON = Long.MAX_VALUE;

    public static final int MAX_NAME_BYTES = 200;
    private static final String PRINCIPAL = "[a-z0-9-]{1,63}/[a-z]{1,16}/[a-z0-9-]{1,63}";
    private static final String GROUP = "[\\x21-\\x7e][\\x20-\\x7e]{0,98}";

    /** Whom a name means. */
    public enum Whose {
        PRINCIPAL(1),
        GROUP(2);

        private final int number;

        Whose(int number) {
            this.number = number;
        }

        /** The name in requests and records. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Whose> ofLabel(String label) {
            return Arrays.stream(values()).filter(one -> one.label().equals(label)).findFirst();
        }

        private static Whose ofNumber(int number) {
            return Arrays.stream(values())
                    .filter(one -> one.number == number)
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("measure: unknown subject " + number));
        }
    }

    /** How strict it is; each has what those before it have. */
    public enum Step {
        /** The share of the quota that the owner's ladder leaves to flagged callers. */
        THROTTLE(1),
        /** The best class and a band of its confidence. */
        DEGRADE(2),
        /** The best class. */
        CHALLENGE(3),
        /** Nothing. */
        SUSPEND(4);

        private final int number;

        Step(int number) {
            this.number = number;
        }

        /** The name in requests and records. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Step> ofLabel(String label) {
            return Arrays.stream(values()).filter(one -> one.label().equals(label)).findFirst();
        }

        private static Step ofNumber(int number) {
            return Arrays.stream(values())
                    .filter(one -> one.number == number)
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException("measure: unknown step " + number));
        }
    }

    public GuardMeasure {
        Strict.requireMatch(
                "measure's subject",
                name,
                switch (whose) {
                    case PRINCIPAL -> PRINCIPAL;
                    case GROUP -> GROUP;
                });
        Strict.requireRange("measure's policy", policySeq, 0, Long.MAX_VALUE);
    }

    void write(Canonical out) {
        out.u8(whose.number).text(name).u8(step.number).u64(policySeq);
    }

    static GuardMeasure read(CanonicalReader in) throws MalformedEncodingException {
        return new GuardMeasure(
                Whose.ofNumber(in.u8("subject")),
                in.text("name", MAX_NAME_BYTES),
                Step.ofNumber(in.u8("step")),
                in.u64("policy"));
    }
}
