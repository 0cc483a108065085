package dev.strongroom.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A leaked copy names its recipient, whatever was done to it, and nobody else. */
class FingerprintTest {
    private static final double PROOF = -64; // log2 of the p-value
    private static final List<Matrix> ORIGINAL = Weights.network(7, 784, 1024, 256, 10);

    private final FingerprintKey key = Weights.key();
    private final RecipientKey thief = key.forRecipient(Weights.NODE_A);
    private final RecipientKey innocent = key.forRecipient(Weights.NODE_B);

    static Stream<Named<UnaryOperator<List<Matrix>>>> treatments() {
        return Stream.of(
                Named.of("as it is", copy -> copy),
                Named.of("bf16", Weights::bfloat16),
                Named.of("int8 per tensor", copy -> Weights.quantised(copy, 8, Integer.MAX_VALUE)),
                Named.of("int4 in groups of 32", copy -> Weights.quantised(copy, 4, 32)),
                Named.of("90 % pruned", copy -> Weights.pruned(copy, 0.9)),
                Named.of("drift of 10 %", copy -> Weights.drifted(copy, 0.1, 3)),
                Named.of("permuted and rescaled", copy -> Weights.shuffled(copy, 5)),
                Named.of(
                        "permuted, rescaled, int8",
                        copy -> Weights.quantised(Weights.shuffled(copy, 6), 8, 1024)));
    }

    @ParameterizedTest
    @MethodSource("treatments")
    void aLeakedCopyNamesItsRecipient(UnaryOperator<List<Matrix>> treatment) {
        var suspect = treatment.apply(Weights.marked(ORIGINAL, thief));
        var residual = Weights.residual(ORIGINAL, suspect);

        assertThat(residual.test(thief).log2P()).isLessThan(PROOF);
        assertThat(residual.test(innocent).log2P()).isGreaterThan(-30);
    }

    @Test
    void eightRecipientsWhoAverageTheirCopiesAreAllNamed() {
        var copies = new ArrayList<List<Matrix>>();
        var keys = new ArrayList<RecipientKey>();
        for (int i = 0; i < 8; i++) {
            keys.add(key.forRecipient(new Recipient("c" + i, i)));
            copies.add(Weights.marked(ORIGINAL, keys.getLast()));
        }
        var residual = Weights.residual(ORIGINAL, Weights.averaged(copies));

        assertThat(keys)
                .allSatisfy(each -> assertThat(residual.test(each).log2P()).isLessThan(PROOF));
        assertThat(residual.test(innocent).log2P()).isGreaterThan(-30);
    }

    @Test
    void noKeyFitsASuspectThatNeverHadAMark() {
        var untouched = Weights.residual(ORIGINAL, ORIGINAL);
        var drifted = Weights.residual(ORIGINAL, Weights.drifted(ORIGINAL, 0.05, 11));
        var unrelated = Weights.residual(ORIGINAL, Weights.network(8, 784, 1024, 256, 10));

        for (var residual : List.of(untouched, drifted, unrelated)) {
            for (int i = 0; i < 50; i++) {
                var stranger = key.forRecipient(new Recipient("boot" + i, i));
                assertThat(Math.abs(residual.test(stranger).t())).isLessThan(6);
            }
        }
        assertThat(untouched.test(thief)).isEqualTo(new Score(0, 0));
    }

    @Test
    void aMarkIsSmallAndTheSameForTheSameRecipientOnly() {
        float[] weights = ORIGINAL.getFirst().values();
        float[] marked = Weights.marked(ORIGINAL, thief).getFirst().values();
        float[] again =
                Weights.marked(ORIGINAL, key.forRecipient(Weights.NODE_A)).getFirst().values();
        float[] other = Weights.marked(ORIGINAL, innocent).getFirst().values();
        double step = Marker.STRENGTH * Marker.rootMeanSquare(FloatBuffer.wrap(weights));

        assertThat(again).isEqualTo(marked);
        assertThat(other).isNotEqualTo(marked);
        for (int i = 0; i < weights.length; i++) {
            assertThat(Math.abs(marked[i] - weights[i]))
                    .isBetween((float) (0.9 * step), (float) (1.1 * step));
        }
    }

    @Test
    void zerosInfinitiesAndEmptyTensorsAreLeftAlone() {
        for (float[] odd :
                List.of(new float[8], new float[0], new float[] {1, Float.POSITIVE_INFINITY})) {
            float[] before = odd.clone();
            Marker.mark(thief, "odd", FloatBuffer.wrap(odd));
            assertThat(odd).isEqualTo(before);
        }
    }

    @Test
    void whatASuspectHoldsCannotBreakTheTest() {
        var random = new Random(1);
        float[] original = new float[512];
        float[] suspect = new float[512];
        for (int i = 0; i < suspect.length; i++) {
            original[i] = random.nextFloat();
            suspect[i] =
                    switch (i % 4) {
                        case 0 -> Float.NaN;
                        case 1 -> Float.NEGATIVE_INFINITY;
                        case 2 -> Float.MAX_VALUE;
                        default -> 0;
                    };
        }
        var residual = new Residual();
        residual.add("w", original, suspect);

        assertThat(residual.test(thief).t()).isBetween(-12.0, 12.0);
        assertThatThrownBy(() -> residual.add("w", original, new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("512");
    }

    @Test
    void theBestOfManyRecipientsIsWorthLess() {
        var score = new Score(10, 1_000_000);

        assertThat(score.log2P()).isCloseTo(-72.1, org.assertj.core.data.Offset.offset(0.1));
        assertThat(score.log2PAmong(1024))
                .isCloseTo(score.log2P() + 10, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(new Score(-10, 1).log2P()).isZero();
    }

    @Test
    void theCommitmentIsTheKeysAndPrintingShowsNothing() {
        assertThat(thief.commitment()).hasSize(32).isNotEqualTo(innocent.commitment());
        assertThat(key.forRecipient(Weights.NODE_A).commitment()).isEqualTo(thief.commitment());
        assertThat(key.toString() + thief).isEqualTo("FingerprintKeyRecipientKey");
    }

    @Test
    void onlyMatricesAndKernelsAreMarked() {
        assertThat(Marker.marks(List.of(768L, 384L))).isTrue();
        assertThat(Marker.marks(List.of(64L, 3L, 3L, 3L))).isTrue();
        assertThat(Marker.marks(List.of(384L))).isFalse();
        assertThat(Marker.marks(List.of(1L, 384L))).isFalse();
    }
}
