package dev.strongroom.serving.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors asked for one beside another. */
class VectorLimitTest {
    private static final Caller EVE = new Caller("acme", "consumer", "eve", "", "", "acme", "", 1);

    private final VectorLimit limit = new VectorLimit(new Directions());
    private Tier tier;

    @BeforeEach
    void twoDirectionsOfExactNumbers() throws Exception {
        String rules =
                OutputPolicy.standard()
                        .canonical()
                        .replace("\"directions\":\"all\"", "\"directions\":2");
        tier =
                OutputPolicy.parse(rules.getBytes(StandardCharsets.UTF_8)).tiers().stream()
                        .filter(each -> each.directions() == 2 && each.topK() == Tier.ALL)
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void stepsTooSmallToCountShowNothingNewOfAnEmbedding() throws Exception {
        assertThat(shown(Kind.EMBEDDING, 3, 2, 1, 0)).containsExactly(3, 2, 1, 0);
        for (float step : new float[] {1e-3f, 1e-4f, 1e-5f}) {
            float[] shown = shown(Kind.EMBEDDING, 3, 2, 1, step);
            assertThat(shown[3]).as("step %s", step).isCloseTo(0, within(1e-9f));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"LOGITS", "LOGPROBS", "PROBABILITIES"})
    void stepsTooSmallToCountShowNothingNewOfClasses(Kind kind) throws Exception {
        double[] before = logits(kind, shown(kind, row(kind, 0)));
        float[] asked = row(kind, 5e-5f);
        assertThat(outside(before, logits(kind, asked))).isGreaterThan(3e-5);
        assertThat(outside(before, logits(kind, shown(kind, asked)))).isLessThan(3e-6);
    }

    /** Of a row of classes, without what all have in common. */
    private static double[] logits(Kind kind, float[] row) {
        var logits = new double[row.length];
        for (int at = 0; at < row.length; at++) {
            logits[at] = kind == Kind.PROBABILITIES ? Math.log(row[at]) : row[at];
        }
        double mean = Arrays.stream(logits).average().orElseThrow();
        return Arrays.stream(logits).map(logit -> logit - mean).toArray();
    }

    /** How far a vector lies beside the line of another one. */
    private static double outside(double[] line, double[] vector) {
        double along = dot(line, vector) / dot(line, line);
        var rest = new double[line.length];
        for (int at = 0; at < rest.length; at++) {
            rest[at] = vector[at] - along * line[at];
        }
        return Math.sqrt(dot(rest, rest));
    }

    private static double dot(double[] one, double[] other) {
        double sum = 0;
        for (int at = 0; at < one.length; at++) {
            sum += one[at] * other[at];
        }
        return sum;
    }

    @Test
    void theBestClassStaysTheBest() throws Exception {
        shown(Kind.LOGITS, 5, 5.0001f, 1, 0);
        assertThat(shown(Kind.LOGITS, 5.0001f, 5, 1, 0)[0])
                .isGreaterThan(shown(Kind.LOGITS, 5.0001f, 5, 1, 0)[1]);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void vectorsThatAreNotFiniteAreWithheld(float number) throws Exception {
        assertThatThrownBy(() -> shown(Kind.EMBEDDING, 1, number, 2, 3))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo("OUTPUT_WITHHELD"));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void classesThatAreNotFiniteAreBareLabels(float number) throws Exception {
        assertThat(limit.hold(tensor(1, number, 2, 3), Kind.LOGITS, tier, Rung.CONTRACT, EVE))
                .extracting(VectorLimit.Held::rung)
                .isEqualTo(Rung.LABEL);
    }

    private static float[] row(Kind kind, float step) {
        return switch (kind) {
            case LOGITS -> new float[] {3, 1 + step, 0, -4};
            case LOGPROBS ->
                    new float[] {
                        (float) Math.log(0.6),
                        (float) Math.log(0.2 + step),
                        (float) Math.log(0.1 - step),
                        (float) Math.log(0.1)
                    };
            default -> new float[] {0.6f, 0.2f + step, 0.1f - step, 0.1f};
        };
    }

    private float[] shown(Kind kind, float... row) throws RefusedException {
        VectorLimit.Held held = limit.hold(tensor(row), kind, tier, Rung.CONTRACT, EVE);
        assertThat(held.rung()).isEqualTo(Rung.CONTRACT);
        if (!(held.output().content() instanceof Numbers(var bytes))) {
            throw new AssertionError("no numbers");
        }
        var shown = new float[row.length];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(shown);
        return shown;
    }

    private static Tensor tensor(float... row) {
        var bytes = ByteBuffer.allocate(row.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        return new Tensor(
                "y", ElementType.FP32, List.of(1L, (long) row.length), new Numbers(bytes));
    }
}
