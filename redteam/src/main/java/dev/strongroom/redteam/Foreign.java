package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rows whose values are each drawn from another row: right in every value, wrong together. */
final class Foreign {
    private static final int ROWS = 5000;

    private Foreign() {}

    static List<float[]> shuffledColumns(List<float[]> rows, long seed) {
        var random = new Random(seed);
        List<float[]> shuffled = new ArrayList<>();
        for (int made = 0; made < ROWS; made++) {
            float[] row = new float[rows.getFirst().length];
            for (int at = 0; at < row.length; at++) {
                row[at] = rows.get(random.nextInt(rows.size()))[at];
            }
            shuffled.add(row);
        }
        return shuffled;
    }
}
