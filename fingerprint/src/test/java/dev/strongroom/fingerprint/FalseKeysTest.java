package dev.strongroom.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The bound on the p-value holds over many keys: of 100,000 strangers none is accused. */
@Tag("nightly")
class FalseKeysTest {
    private static final int STRANGERS = 100_000;

    @Test
    void noneOfManyStrangersIsAccused() {
        List<Matrix> original = Weights.network(7, 784, 1024, 256, 10);
        FingerprintKey key = Weights.key();
        var copy = Weights.marked(original, key.forRecipient(Weights.NODE_A));
        Residual residual = Weights.residual(original, Weights.quantised(copy, 8, 1024));

        double[] scores =
                IntStream.range(0, STRANGERS)
                        .parallel()
                        .mapToObj(i -> key.forRecipient(new Recipient("stranger" + i, i)))
                        .mapToDouble(stranger -> residual.test(stranger).t())
                        .sorted()
                        .toArray();

        double most = scores[STRANGERS - 1];
        System.out.printf(
                "strangers %d: largest t %.2f, smallest %.2f%n", STRANGERS, most, scores[0]);
        assertThat(new Score(most, 1).log2PAmong(STRANGERS)).isGreaterThan(-10);
        assertThat(scores[STRANGERS / 2]).isBetween(-0.05, 0.05);
    }
}
