package dev.strongroom.serving.guard.leak;

/** What one answer shows of the model's output, and how many different answers that allows. */
public sealed interface Release {
    /** An upper bound in bits: the logarithm of the number of distinct answers. */
    double bits();

    /** Only which of {@code classes} is best. */
    record Label(int classes) implements Release {
        @Override
        public double bits() {
            return log2(classes);
        }
    }

    /** The best class and which of {@code buckets} its confidence falls into. */
    record BucketedLabel(int classes, int buckets) implements Release {
        @Override
        public double bits() {
            return log2(classes) + log2(buckets);
        }
    }

    /** {@code values} numbers between 0 and 1 with {@code digits} decimal digits. */
    record Rounded(int values, int digits) implements Release {
        @Override
        public double bits() {
            return values * log2(Math.pow(10, digits) + 1);
        }
    }

    /** The {@code shown} best of {@code classes}, each with {@code digits} digits. */
    record TopK(int classes, int shown, int digits) implements Release {
        @Override
        public double bits() {
            return shown * (log2(classes) + log2(Math.pow(10, digits) + 1));
        }
    }

    /** {@code values} numbers of 32 bits each: full probabilities, logits, an embedding. */
    record Vector(int values) implements Release {
        @Override
        public double bits() {
            return (double) Float.SIZE * values;
        }
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }
}
