package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.Arrays;
import java.util.List;

/** Queries that make evidence, for tests that need a caller on a rung. */
public final class Suspicion {
    private static final int SCORES = 7;
    private static final int MOST = 1000; // queries, before a test gives up
    private static final OutputPolicy.Ladder LADDER = OutputPolicy.standard().ladder();

    private Suspicion() {}

    /** P-values of a query that is a little strange: many of them climb rung by rung. */
    public static double[] mild() {
        return query(0.02);
    }

    /** P-values of a query that nobody honest asks. */
    public static double[] strong() {
        return query(1e-4);
    }

    /** P-values of a query like the calibration's. */
    public static double[] none() {
        return query(0.9);
    }

    private static double[] query(double p) {
        var scores = new double[SCORES];
        Arrays.fill(scores, p);
        return scores;
    }

    /** Has a caller climb the standard ladder to a rung, by evidence. */
    public static Account climb(Account account, Rung rung) {
        for (int i = 0; i < MOST && account.rung().compareTo(rung) < 0; i++) {
            account.add(List.of(mild())).climb(LADDER);
        }
        if (account.rung() != rung) {
            throw new IllegalStateException("climbed to " + account.rung() + ", not to " + rung);
        }
        return account;
    }
}
