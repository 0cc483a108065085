package dev.strongroom.client;

/**
 * Which versions of a model a client accepts an answer from.
 *
 * @param lowest from 1
 * @param highest at least {@code lowest}
 */
public record VersionDemand(long lowest, long highest) {
    /** Any version that the owner signed. */
    public static final VersionDemand ANY = new VersionDemand(1, Long.MAX_VALUE);

    public VersionDemand {
        if (lowest < 1 || highest < lowest) {
            throw new IllegalArgumentException(
                    "versions: "
                            + lowest
                            + " to "
                            + highest
                            + " (expected: 1 <= lowest <= highest)");
        }
    }

    public static VersionDemand exactly(long number) {
        return new VersionDemand(number, number);
    }

    public static VersionDemand atLeast(long number) {
        return new VersionDemand(number, Long.MAX_VALUE);
    }

    boolean accepts(long number) {
        return number >= lowest && number <= highest;
    }

    @Override
    public String toString() {
        return lowest == highest ? "version " + lowest : "version " + lowest + " or later";
    }
}
