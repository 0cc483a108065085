package dev.strongroom.serving.guard;

import java.util.List;

/** What a question and its answer tell of who asked. */
public sealed interface Signs {
    /** It is of a shape that the calibration does not know. */
    record Unjudged() implements Signs {}

    /**
     * Rows were judged.
     *
     * @param p p-values of each row that is evidence, by score
     * @param pooled evidence of the caller together with suspected colluders; 1 when there are none
     */
    record Judged(List<double[]> p, double pooled) implements Signs {
        public Judged {
            p = List.copyOf(p);
        }
    }
}
