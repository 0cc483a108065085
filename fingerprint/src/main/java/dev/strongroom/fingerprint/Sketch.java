package dev.strongroom.fingerprint;

/**
 * A short unit vector for each column of a matrix, whose products estimate the columns' cosines
 * (count sketch; Charikar, Chen, Farach-Colton, 2002). With 256 places two unrelated columns differ
 * from 0 by some 0.06, so that one unit is told from thousands of others.
 *
 * @param places numbers per column
 * @param values column by column
 */
record Sketch(int places, float[] values) {
    private static final int PLACES = 256;

    static Sketch of(Matrix matrix) {
        boolean exact = matrix.rows() <= PLACES;
        int places = exact ? matrix.rows() : PLACES;
        float[] values = new float[Math.multiplyExact(places, matrix.columns())];
        for (int row = 0; row < matrix.rows(); row++) {
            int hash = exact ? row << 1 : mix(row);
            int place = exact ? row : (hash >>> 1) % PLACES;
            int sign = 1 - ((hash & 1) << 1);
            for (int column = 0; column < matrix.columns(); column++) {
                values[column * places + place] += sign * matrix.at(row, column);
            }
        }
        for (int column = 0; column < matrix.columns(); column++) {
            normalise(values, column * places, places);
        }
        return new Sketch(places, values);
    }

    double cosine(int column, Sketch other, int otherColumn) {
        float product = 0;
        int mine = column * places;
        int theirs = otherColumn * places;
        for (int i = 0; i < places; i++) {
            product += values[mine + i] * other.values[theirs + i];
        }
        return product;
    }

    private static void normalise(float[] values, int offset, int length) {
        double squares = 0;
        for (int i = offset; i < offset + length; i++) {
            squares += (double) values[i] * values[i];
        }
        if (squares > 0) {
            float factor = (float) (1 / Math.sqrt(squares));
            for (int i = offset; i < offset + length; i++) {
                values[i] *= factor;
            }
        }
    }

    /** The finaliser of MurmurHash3. */
    private static int mix(int value) {
        int h = value + 0x9e3779b9;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        return h ^ h >>> 16;
    }
}
