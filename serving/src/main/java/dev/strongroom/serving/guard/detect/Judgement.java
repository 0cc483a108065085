package dev.strongroom.serving.guard.detect;

import java.util.OptionalLong;

/** What the detector says of one query. */
public sealed interface Judgement {
    /** An input that was asked before: no evidence, whoever asked. */
    record Repeated() implements Judgement {}

    /**
     * A new input.
     *
     * @param p one p-value for each {@link Score}, NaN where a score says nothing
     * @param evidence against the principal, this query included
     * @param copies the principal whose earlier query this one is suspiciously near to, if it is
     *     somebody else's; a mark against who asked now, never against the other
     */
    record Judged(double[] p, double evidence, OptionalLong copies) implements Judgement {}
}
