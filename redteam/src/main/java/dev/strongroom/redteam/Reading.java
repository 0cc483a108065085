package dev.strongroom.redteam;

/** What a thief makes of an answer. */
final class Reading {
    private Reading() {}

    /** A distribution: what the answer does not give to any class is spread over all of them. */
    static float[] of(float[] shown) {
        float sum = 0;
        for (float share : shown) {
            sum += share;
        }
        float missing = Math.max(0, 1 - sum) / shown.length;
        var read = new float[shown.length];
        for (int at = 0; at < read.length; at++) {
            read[at] = shown[at] + missing;
        }
        return read;
    }
}
