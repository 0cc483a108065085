package dev.strongroom.serving.guard.detect;

/** The ways in which a query can be strange, in the order of a judgement's p-values. */
public enum Score {
    /** Penultimate features far from those of the predicted class. */
    MAHALANOBIS(0),
    /** A large share of the input lies outside the directions of honest inputs. */
    RESIDUAL(1),
    /** The model hesitates between two classes. */
    DOUBT(2),
    /** Far from every reference sample of the predicted class. */
    ISOLATION(3),
    /** The input as a whole is far from those of the predicted class. */
    INPUT(4),
    /** Both what the input's {@link #RESIDUAL} and its distance to the class say. */
    COMBINED(5),
    /** Too near to a query that the same principal made before, for how far honest samples are. */
    NEARNESS(6);

    static final int COUNT = values().length;

    /** Where {@link #NEARNESS} is among p-values: it is computed apart from the others. */
    static final int LAST = COUNT - 1;

    /** Those that are properties of one query alone. */
    static final int SINGLE = 5;

    private final int at;

    Score(int at) {
        this.at = at;
    }

    /** Where it is among the scores and p-values of a query. */
    int at() {
        return at;
    }
}
