package dev.strongroom.serving.infer;

/**
 * How one model is run. Which numbers are best depends on the model and the machine: {@code
 * strongroom tune} finds them.
 *
 * @param atOnce runs of it that are under way at a time, however many workers the node has
 * @param threads inside one run; 1 computes most with several callers, more answers one sooner
 * @param batchRows rows of several callers that run at once; 1 keeps every request for itself
 */
public record RunSettings(int atOnce, int threads, int batchRows) {
    /** More gained nothing where measured: rows of a batch already share each weight's fetch. */
    public static final int DEFAULT_BATCH_ROWS = 8;

    /** As many runs at once as the node has workers. */
    public static final RunSettings STANDARD =
            new RunSettings(Integer.MAX_VALUE, 1, DEFAULT_BATCH_ROWS);

    public RunSettings {
        if (atOnce < 1 || threads < 1 || batchRows < 1) {
            throw new IllegalArgumentException("run settings: expected numbers above zero");
        }
    }
}
