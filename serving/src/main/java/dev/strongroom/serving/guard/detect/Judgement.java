package dev.strongroom.serving.guard.detect;

import java.util.OptionalLong;

/** What the detector says of one query. */
public sealed interface Judgement {
    /** An input that the same principal asked before: no evidence, so that retries cost nothing. */
    record Repeated() implements Judgement {}

    /**
     * An input that is new to the principal and that somebody else asked before. As strange as it
     * was then, and evidence against this principal too: else a thief's second account would be
     * given, unwatched, whatever the first one was flagged for. Who asks what everybody asks draws
     * no edge by it, and what is pooled counts no input twice.
     *
     * @param p one p-value for each {@link Score}, NaN where a score says nothing
     */
    record Echoed(double[] p) implements Judgement {}

    /**
     * A new input.
     *
     * @param p one p-value for each {@link Score}, NaN where a score says nothing
     * @param copies the principal whose earlier query this one is suspiciously near to, if it is
     *     somebody else's; a mark against who asked now, never against the other
     */
    record Judged(double[] p, OptionalLong copies) implements Judgement {}
}
