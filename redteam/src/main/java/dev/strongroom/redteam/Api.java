package dev.strongroom.redteam;

import java.util.Optional;

/** The prediction interface as a thief sees it. */
interface Api {
    /** A distribution over the classes, one-hot when only the label is given; empty: refused. */
    Optional<float[]> ask(long account, float[] input);

    /** Full probabilities for everybody. */
    static Api open(Victim victim) {
        return (account, input) -> Optional.of(victim.answer(input).probabilities());
    }
}
