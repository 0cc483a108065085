package dev.strongroom.crypto.format;

/** What was done to the owner's files before they were sealed. */
public enum Preparation {
    /** Sealed as they were. */
    NONE(1),
    /** ONNX Runtime's optimiser at level EXTENDED, graph and weights apart. */
    ORT_EXTENDED(2);

    private final int number;

    Preparation(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Preparation ofNumber(int number) {
        for (Preparation preparation : values()) {
            if (preparation.number == number) {
                return preparation;
            }
        }
        throw new IllegalArgumentException("preparation: unknown number " + number);
    }
}
