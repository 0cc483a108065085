package dev.strongroom.serving.guard.detect;

/** The four ways in which a query can be strange, in the order of a calibration's tables. */
public enum Score {
    /** Penultimate features far from those of the predicted class. */
    MAHALANOBIS,
    /** Much of the input lies outside the directions of honest inputs. */
    RESIDUAL,
    /** The model hesitates between two classes. */
    DOUBT,
    /** Too near to a query that the same principal made before. */
    NEARNESS;

    static final int COUNT = values().length;
}
