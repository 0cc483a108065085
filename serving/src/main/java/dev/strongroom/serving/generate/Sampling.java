package dev.strongroom.serving.generate;

/**
 * How a token is picked from what the model gives for each.
 *
 * @param temperature 0 picks the best always; more flattens the odds
 * @param topK only so many of the best are picked from; 0 is all
 * @param topP only the fewest of the best that have this share of the odds together; 1 is all
 */
public record Sampling(double temperature, int topK, double topP) {
    /** The best always; of equals the one that comes first in the vocabulary. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1);

    private static final double HUNDREDTHS = 100;
    public static final double MAX_TEMPERATURE = 100;
    public static final int MAX_TOP_K = 1 << 20; // larger than vocabularies are

    /**
     * @throws IllegalArgumentException if one of them is outside what it means
     */
    public Sampling {
        if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
            throw new IllegalArgumentException("temperature: expected 0 to 100");
        }
        if (topK < 0 || topK > MAX_TOP_K) {
            throw new IllegalArgumentException("top_k: expected 0 to " + MAX_TOP_K);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top_p: expected above 0, to 1");
        }
    }

    /**
     * The same to two digits, and above zero what was: finer ones would have the model's odds
     * compared with finer numbers.
     */
    public Sampling inHundredths() {
        return new Sampling(coarse(temperature), topK, coarse(topP));
    }

    private static double coarse(double number) {
        return number == 0 ? 0 : Math.max(1, Math.rint(number * HUNDREDTHS)) / HUNDREDTHS;
    }

    boolean isGreedy() {
        return temperature == 0;
    }
}
