package dev.strongroom.serving.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.SplittableRandom;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class DrawsTest {
    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "HmacSHA256");
    private static final Sampling SAMPLING = new Sampling(1, 0, 1);
    private static final int[] PROMPT = {1, 2, 3};

    @Test
    void theSameRequestHasTheSameNumbers() {
        Draws one = Draws.of(KEY, "acme/net:1", 7, PROMPT, SAMPLING);
        Draws again = Draws.of(KEY, "acme/net:1", 7, PROMPT, SAMPLING);
        for (int draw = 0; draw < 10; draw++) {
            assertThat(one.nextLong()).isEqualTo(again.nextLong());
        }
    }

    @Test
    void whateverElseIsAskedHasOthers() {
        var first = new HashSet<Long>();
        var other = new byte[32];
        other[31] = 1;
        first.add(Draws.of(KEY, "acme/net:1", 7, PROMPT, SAMPLING).nextLong());
        first.add(Draws.of(KEY, "acme/net:2", 7, PROMPT, SAMPLING).nextLong());
        first.add(Draws.of(KEY, "acme/net:1", 8, PROMPT, SAMPLING).nextLong());
        first.add(Draws.of(KEY, "acme/net:1", 7, new int[] {1, 2}, SAMPLING).nextLong());
        first.add(Draws.of(KEY, "acme/net:1", 7, PROMPT, new Sampling(1.01, 0, 1)).nextLong());
        first.add(Draws.of(KEY, "acme/net:1", 7, PROMPT, new Sampling(1, 5, 1)).nextLong());
        first.add(Draws.of(KEY, "acme/net:1", 7, PROMPT, new Sampling(1, 0, 0.99)).nextLong());
        first.add(
                Draws.of(new SecretKeySpec(other, "HmacSHA256"), "acme/net:1", 7, PROMPT, SAMPLING)
                        .nextLong());
        assertThat(first).hasSize(8);
    }

    /** A known number, and temperatures one by one, would tell a probability in thirty draws. */
    @Test
    void noTemperatureIsComparedWithANumberThatTheCallerKnows() {
        double known = new SplittableRandom(7).nextDouble();
        int below = 0;
        for (int step = 1; step <= 1000; step++) {
            var sampling = new Sampling(step / 100.0, 0, 1).inHundredths();
            double drawn = Draws.of(KEY, "acme/net:1", 7, PROMPT, sampling).nextDouble();
            assertThat(drawn).isNotEqualTo(known);
            below += drawn < 0.5 ? 1 : 0;
        }
        assertThat((double) below).isCloseTo(500, within(80.0));
    }

    @Test
    void hundredthsNeverBecomeNothing() {
        assertThat(new Sampling(1e-9, 3, 1e-9).inHundredths())
                .isEqualTo(new Sampling(0.01, 3, 0.01));
        assertThat(new Sampling(0, 0, 0.9999).inHundredths()).isEqualTo(Sampling.GREEDY);
        assertThat(new Sampling(0.7049, 0, 0.95).inHundredths())
                .isEqualTo(new Sampling(0.7, 0, 0.95));
    }
}
