package dev.strongroom.crypto.output;

import java.util.Locale;

/**
 * What an output of the model is.
 *
 * @param name as in the graph; {@code *} is every output that no other line names
 */
public record ShownOutput(String name, Kind kind) {
    static final String NAME_FORM = "\\*|[!#-\\[\\]-~]{1,128}";

    /** Decides what can be taken from an output. */
    public enum Kind {
        /** Judged by each answer: probabilities when rows sum to one, else values. */
        AUTO,
        /** Rows that sum to one. */
        PROBABILITIES,
        /** Rows whose softmax sums to one. */
        LOGITS,
        /** Rows whose exponentials sum to one. */
        LOGPROBS,
        /** Vectors that are compared with each other. */
        EMBEDDING,
        /** Answers that are no vector: classes, texts. */
        LABELS;

        /** As it stands in a policy. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    String canonical() {
        return "{\"name\":\"%s\",\"kind\":\"%s\"}".formatted(name, kind.label());
    }
}
