package dev.strongroom.serving.guard.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShaperTest {
    private static final OutputPolicy POLICY = OutputPolicy.standard();
    private static final SecretKeySpec KEY = new SecretKeySpec(new byte[32], "HmacSHA256");
    private static final ElementType[] TYPES = {
        ElementType.FP32, ElementType.FP64, ElementType.FP16, ElementType.BF16
    };

    private static final ElementType[] INTEGERS = {
        ElementType.INT8,
        ElementType.UINT8,
        ElementType.INT16,
        ElementType.UINT16,
        ElementType.INT32,
        ElementType.UINT32,
        ElementType.INT64,
        ElementType.UINT64
    };

    private final Shaper shaper = new Shaper(POLICY, KEY);

    /** The promise: whatever is taken from an answer, its best class stays its best class. */
    @Property(tries = 4000)
    void neverChangesTheBestClass(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 12) int classes,
            @ForAll @IntRange(max = 3) int type,
            @ForAll @IntRange(max = 10) int digits,
            @ForAll @IntRange(min = 1, max = 13) int topK,
            @ForAll boolean raw,
            @ForAll Rung rung,
            @ForAll Kind kind) {
        Tier tier = tier(digits == 10 ? Tier.EXACT : digits, topK > 12 ? Tier.ALL : topK, raw);
        Tensor answer = tensor(TYPES[type], row(new Random(seed), classes, kind));
        double[] before = exact(answer);
        double[] after = exact(shaper.shape(answer, kind, tier, rung, "acme"));
        assertThat(best(after))
                .as("%s to %s", Arrays.toString(before), Arrays.toString(after))
                .isEqualTo(best(before));
    }

    @Test
    void showsNoMoreDigitsThanTheRungAllows() {
        Tensor answer = tensor(ElementType.FP32, new double[] {0.123456, 0.2, 0.676544});
        assertThat(shape(answer, Rung.CONTRACT, tier(4, Tier.ALL, false)))
                .containsExactly(0.1235f, 0.2f, 0.6765f);
        assertThat(shape(answer, Rung.COARSE, tier(4, Tier.ALL, false)))
                .containsExactly(0.12f, 0.2f, 0.68f);
        assertThat(shape(answer, Rung.TOP1, tier(4, Tier.ALL, false))).containsExactly(0, 0, 0.5f);
        assertThat(shape(answer, Rung.LABEL, tier(4, Tier.ALL, false))).containsExactly(0, 0, 1);
    }

    @Test
    void showsNoMoreClassesThanTheTierHas() {
        Tensor answer = tensor(ElementType.FP32, new double[] {0.1, 0.2, 0.3, 0.4});
        assertThat(shape(answer, Rung.CONTRACT, tier(Tier.EXACT, 2, false)))
                .containsExactly(0, 0, 0.3f, 0.4f);
    }

    @Test
    void makesLogitsProbabilitiesUnlessTheTierIsRaw() {
        Tensor answer = tensor(ElementType.FP32, new double[] {-3, 5});
        float[] shown =
                values(
                        shaper.shape(
                                answer,
                                Kind.LOGITS,
                                tier(Tier.EXACT, Tier.ALL, false),
                                Rung.CONTRACT,
                                "acme"));
        assertThat(shown[0] + shown[1]).isEqualTo(1, within(1e-6f));
        Tensor raw =
                shaper.shape(
                        answer,
                        Kind.LOGITS,
                        tier(Tier.EXACT, Tier.ALL, true),
                        Rung.CONTRACT,
                        "acme");
        assertThat(raw).isSameAs(answer);
    }

    @Test
    void rotatesEmbeddingsOfAGroupAlikeAndKeepsDotProducts() {
        var random = new Random(7);
        double[] one = gaussian(random, 384);
        double[] other = gaussian(random, 384);
        Tier rotated = rotating();
        float[] a = rotated(one, rotated, "acme");
        float[] b = rotated(other, rotated, "acme");
        assertThat(dot(a, b)).isEqualTo(dot(floats(one), floats(other)), within(1e-3));
        assertThat(dot(a, a)).isEqualTo(dot(floats(one), floats(one)), within(1e-3));
        assertThat(rotated(one, rotated, "acme")).containsExactly(a);
        float[] foreign = rotated(other, rotated, "others");
        assertThat(Math.abs(dot(a, foreign) - dot(floats(one), floats(other)))).isGreaterThan(1);
        assertThat(Math.abs(dot(a, floats(one)))).isLessThan(0.3 * dot(a, a));
    }

    /** The same promise for scores that are integers. */
    @Property(tries = 4000)
    void neverChangesTheBestClassOfIntegers(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 9) int classes,
            @ForAll @IntRange(max = 7) int type,
            @ForAll @IntRange(max = 4) int digits,
            @ForAll @IntRange(min = 1, max = 10) int topK,
            @ForAll boolean raw,
            @ForAll Rung rung,
            @ForAll Kind kind) {
        Tensor answer = integers(INTEGERS[type], new Random(seed), classes);
        Tensor shaped = shaper.shape(answer, kind, tier(digits, topK, raw), rung, "acme");
        assertThat(bestInteger(shaped))
                .as("%s to %s", values(answer, classes), values(shaped, classes))
                .isEqualTo(bestInteger(answer));
    }

    @Test
    void coarsensScoresThatAreIntegers() {
        Tensor answer = bytes(12, 57, 101, -33);
        assertThat(integers(answer, Kind.PROBABILITIES, tier(1, Tier.ALL, false), Rung.CONTRACT))
                .containsExactly(0, 0, 100, -100);
        assertThat(integers(answer, Kind.PROBABILITIES, tier(Tier.EXACT, 1, false), Rung.CONTRACT))
                .containsExactly(-128, -128, 101, -128);
        assertThat(integers(answer, Kind.AUTO, tier(Tier.EXACT, Tier.ALL, false), Rung.CONTRACT))
                .as("without a scale there is no softmax")
                .containsExactly(0, 0, 1, 0);
        assertThat(integers(answer, Kind.LOGITS, tier(Tier.EXACT, Tier.ALL, true), Rung.LABEL))
                .containsExactly(0, 0, 1, 0);
        assertThat(integers(answer, Kind.AUTO, tier(Tier.EXACT, Tier.ALL, true), Rung.CONTRACT))
                .containsExactly(12, 57, 101, -33);
        assertThat(integers(answer, Kind.LABELS, tier(1, 1, false), Rung.LABEL))
                .containsExactly(12, 57, 101, -33);
    }

    private int[] integers(Tensor answer, Kind kind, Tier tier, Rung rung) {
        return values(shaper.shape(answer, kind, tier, rung, "acme"), 4).stream()
                .mapToInt(Long::intValue)
                .toArray();
    }

    private static Tensor bytes(int... values) {
        var bytes = ByteBuffer.allocate(values.length);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return new Tensor(
                "y",
                ElementType.INT8,
                List.of(1L, (long) values.length),
                new Content.Numbers(bytes.flip()));
    }

    /** With ties, and numbers at the type's ends. */
    private static Tensor integers(ElementType type, Random random, int classes) {
        var bytes = ByteBuffer.allocate(type.bytes() * classes).order(ByteOrder.LITTLE_ENDIAN);
        long spread = 1L << random.nextInt(8 * type.bytes());
        while (bytes.hasRemaining()) {
            long value =
                    switch (random.nextInt(6)) {
                        case 0 -> Long.MAX_VALUE >>> (Long.SIZE - 8 * type.bytes());
                        case 1 -> 1L << (8 * type.bytes() - 1);
                        default -> random.nextLong() % spread;
                    };
            switch (type.bytes()) {
                case 1 -> bytes.put((byte) value);
                case 2 -> bytes.putShort((short) value);
                case 4 -> bytes.putInt((int) value);
                default -> bytes.putLong(value);
            }
        }
        return new Tensor(
                "y", type, List.of(1L, (long) classes), new Content.Numbers(bytes.flip()));
    }

    private static int bestInteger(Tensor tensor) {
        List<Long> values = values(tensor, Math.toIntExact(tensor.shape().getLast()));
        int best = 0;
        for (int i = 1; i < values.size(); i++) {
            boolean greater =
                    tensor.type() == ElementType.UINT64
                            ? Long.compareUnsigned(values.get(i), values.get(best)) > 0
                            : values.get(i) > values.get(best);
            best = greater ? i : best;
        }
        return best;
    }

    private static List<Long> values(Tensor tensor, int count) {
        ByteBuffer bytes =
                ((Content.Numbers) tensor.content())
                        .bytes()
                        .duplicate()
                        .order(ByteOrder.LITTLE_ENDIAN);
        return IntStream.range(0, count)
                .mapToObj(_ ->
                        switch (tensor.type()) {
                            case INT8 -> (long) bytes.get();
                            case UINT8 -> Byte.toUnsignedLong(bytes.get());
                            case INT16 -> (long) bytes.getShort();
                            case UINT16 -> Short.toUnsignedLong(bytes.getShort());
                            case INT32 -> (long) bytes.getInt();
                            case UINT32 -> Integer.toUnsignedLong(bytes.getInt());
                            default -> bytes.getLong();
                        })
                .toList();
    }

    @Test
    void leavesLabelsAndWhatIsOpenAsTheyAre() {
        Tensor answer = tensor(ElementType.FP32, new double[] {0.25, 0.75});
        assertThat(
                        shaper.shape(
                                answer,
                                Kind.AUTO,
                                tier(Tier.EXACT, Tier.ALL, true),
                                Rung.CONTRACT,
                                "acme"))
                .isSameAs(answer);
        assertThat(shaper.shape(answer, Kind.LABELS, tier(0, 1, false), Rung.LABEL, "acme"))
                .isSameAs(answer);
    }

    private float[] rotated(double[] vector, Tier tier, String group) {
        return values(
                shaper.shape(
                        tensor(ElementType.FP32, vector),
                        Kind.EMBEDDING,
                        tier,
                        Rung.CONTRACT,
                        group));
    }

    private float[] shape(Tensor answer, Rung rung, Tier tier) {
        return values(shaper.shape(answer, Kind.PROBABILITIES, tier, rung, "acme"));
    }

    /** Rows with near ties and exact ones, which rounding is hardest on. */
    private static double[] row(Random random, int classes, Kind kind) {
        var row = new double[classes];
        double spread = Math.pow(10, random.nextInt(-7, 3));
        for (int i = 0; i < classes; i++) {
            row[i] =
                    random.nextInt(4) == 0 && i > 0
                            ? row[random.nextInt(i)]
                            : spread * random.nextGaussian();
        }
        if (kind == Kind.PROBABILITIES || (kind == Kind.AUTO && random.nextBoolean())) {
            Precision.softmax(row);
        } else if (kind == Kind.LOGPROBS) {
            Precision.softmax(row);
            Precision.log(row);
        }
        return row;
    }

    private static double[] gaussian(Random random, int size) {
        return random.ints(size).mapToDouble(_ -> random.nextGaussian()).toArray();
    }

    private static Tier tier(int digits, int topK, boolean raw) {
        return tier(digits, topK, raw, false);
    }

    private static Tier rotating() {
        return tier(Tier.EXACT, Tier.ALL, true, true);
    }

    private static Tier tier(int digits, int topK, boolean raw, boolean rotate) {
        return new Tier(
                TierName.PARTNER,
                List.of(),
                List.of("*"),
                digits,
                topK,
                raw,
                rotate,
                Tier.ALL,
                new Rate(1, 1),
                new Rate(1, 1),
                1,
                1,
                1);
    }

    private static Tensor tensor(ElementType type, double[] values) {
        Numbers numbers =
                Numbers.like(
                        new Tensor(
                                "y",
                                type,
                                List.of(1L, (long) values.length),
                                new Content.Numbers(
                                        ByteBuffer.allocate(type.bytes() * values.length)
                                                .order(ByteOrder.LITTLE_ENDIAN))));
        numbers.write(0, values);
        return numbers.as(
                new Tensor(
                        "y",
                        type,
                        List.of(1L, (long) values.length),
                        new Content.Numbers(ByteBuffer.allocate(0))));
    }

    private static float[] values(Tensor tensor) {
        return floats(exact(tensor));
    }

    private static double[] exact(Tensor tensor) {
        var row = new double[Numbers.rowLength(tensor.shape())];
        Numbers.in(tensor).read(0, row);
        return row;
    }

    private static float[] floats(double[] row) {
        var floats = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            floats[i] = (float) row[i];
        }
        return floats;
    }

    private static int best(double[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
