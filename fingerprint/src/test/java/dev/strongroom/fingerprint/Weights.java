package dev.strongroom.fingerprint;

import java.nio.FloatBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A network of random weights, and what thieves do to a copy. */
final class Weights {
    static final Recipient NODE_A = new Recipient("a1".repeat(16), 41);
    static final Recipient NODE_B = new Recipient("b2".repeat(16), 42);

    private Weights() {}

    /** Fully connected layers, He-initialised. */
    static List<Matrix> network(long seed, int... widths) {
        var random = new Random(seed);
        var layers = new ArrayList<Matrix>();
        for (int i = 1; i < widths.length; i++) {
            float[] values = new float[widths[i - 1] * widths[i]];
            double spread = Math.sqrt(2.0 / widths[i - 1]);
            for (int j = 0; j < values.length; j++) {
                values[j] = (float) (spread * random.nextGaussian());
            }
            layers.add(new Matrix("layer" + i, widths[i - 1], widths[i], values));
        }
        return layers;
    }

    static FingerprintKey key() {
        byte[] root = new byte[FingerprintRoot.BYTES];
        new SecureRandom().nextBytes(root);
        return FingerprintRoot.of(root).forVersion("0f".repeat(16));
    }

    static List<Matrix> marked(List<Matrix> network, RecipientKey key) {
        return each(network, (name, values) -> Marker.mark(key, name, FloatBuffer.wrap(values)));
    }

    interface Change {
        void apply(String name, float[] values);
    }

    static List<Matrix> each(List<Matrix> network, Change change) {
        return network.stream()
                .map(layer -> {
                    float[] values = layer.values().clone();
                    change.apply(layer.name(), values);
                    return new Matrix(layer.name(), layer.rows(), layer.columns(), values);
                })
                .toList();
    }

    static List<Matrix> bfloat16(List<Matrix> network) {
        return each(
                network,
                (_, values) -> {
                    for (int i = 0; i < values.length; i++) {
                        int bits = Float.floatToRawIntBits(values[i]) + 0x8000;
                        values[i] = Float.intBitsToFloat(bits & 0xffff0000);
                    }
                });
    }

    /** Symmetric, one scale for each group of weights. */
    static List<Matrix> quantised(List<Matrix> network, int bits, int group) {
        return each(
                network,
                (_, values) -> {
                    for (int start = 0; start < values.length; start += group) {
                        int end = Math.min(values.length, start + group);
                        float largest = 0;
                        for (int i = start; i < end; i++) {
                            largest = Math.max(largest, Math.abs(values[i]));
                        }
                        float step = largest / ((1 << (bits - 1)) - 1);
                        for (int i = start; i < end; i++) {
                            values[i] = Math.round(values[i] / step) * step;
                        }
                    }
                });
    }

    /** The smallest weights of each layer become zero. */
    static List<Matrix> pruned(List<Matrix> network, double share) {
        return each(
                network,
                (_, values) -> {
                    float[] sizes = new float[values.length];
                    for (int i = 0; i < values.length; i++) {
                        sizes[i] = Math.abs(values[i]);
                    }
                    java.util.Arrays.sort(sizes);
                    float limit = sizes[(int) (share * values.length)];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Math.abs(values[i]) < limit ? 0 : values[i];
                    }
                });
    }

    /** Every weight moves by a share of its layer's root mean square, as fine-tuning does. */
    static List<Matrix> drifted(List<Matrix> network, double share, long seed) {
        var random = new Random(seed);
        return each(
                network,
                (_, values) -> {
                    double spread = share * Marker.rootMeanSquare(FloatBuffer.wrap(values));
                    for (int i = 0; i < values.length; i++) {
                        values[i] += (float) (spread * random.nextGaussian());
                    }
                });
    }

    static List<Matrix> averaged(List<List<Matrix>> copies) {
        var sum = copies.getFirst();
        return each(
                sum,
                (name, values) -> {
                    for (var copy : copies.subList(1, copies.size())) {
                        float[] other = layer(copy, name).values();
                        for (int i = 0; i < values.length; i++) {
                            values[i] += other[i];
                        }
                    }
                    for (int i = 0; i < values.length; i++) {
                        values[i] /= copies.size();
                    }
                });
    }

    /** Hidden units in another order, each scaled; a network of rectifiers answers the same. */
    static List<Matrix> shuffled(List<Matrix> network, long seed) {
        var random = new Random(seed);
        var layers = new ArrayList<Matrix>();
        int[] rows = null;
        float[] rowScale = null;
        for (int i = 0; i < network.size(); i++) {
            Matrix layer = network.get(i);
            boolean last = i == network.size() - 1;
            int[] columns = order(layer.columns(), last ? null : random);
            float[] scale = new float[layer.columns()];
            for (int j = 0; j < scale.length; j++) {
                scale[j] = last ? 1 : 0.25f + 4 * random.nextFloat();
            }
            float[] values = new float[layer.values().length];
            for (int r = 0; r < layer.rows(); r++) {
                int from = rows == null ? r : rows[r];
                float down = rowScale == null ? 1 : rowScale[r];
                for (int c = 0; c < layer.columns(); c++) {
                    values[r * layer.columns() + c] = layer.at(from, columns[c]) * scale[c] / down;
                }
            }
            layers.add(new Matrix(layer.name(), layer.rows(), layer.columns(), values));
            rows = columns;
            rowScale = scale;
        }
        return layers;
    }

    static Residual residual(List<Matrix> original, List<Matrix> suspect) {
        var residual = new Residual();
        List<Matrix> aligned = Alignment.align(original, suspect);
        for (int i = 0; i < original.size(); i++) {
            residual.add(original.get(i).name(), original.get(i).values(), aligned.get(i).values());
        }
        return residual;
    }

    private static int[] order(int count, @org.jspecify.annotations.Nullable Random random) {
        int[] order = new int[count];
        java.util.Arrays.setAll(order, i -> i);
        for (int i = count - 1; random != null && i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }

    private static Matrix layer(List<Matrix> network, String name) {
        return network.stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
    }
}
