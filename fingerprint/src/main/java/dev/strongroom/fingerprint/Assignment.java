package dev.strongroom.fingerprint;

import java.util.Arrays;

/**
 * Pairs columns one to one by likeness: each of the original's takes the suspect's that is most
 * like it and not more like another's; what is left over takes from what is left over. With real
 * copies the first round settles all; the optimal assignment would cost the cube of their number.
 */
final class Assignment {
    private static final int FREE = -1;
    private static final int ROUNDS = 16; // a suspect of equal columns would take one for each

    private Assignment() {}

    /** For each column of the original, the suspect's. */
    static int[] greedy(Sketch original, Sketch suspect, int columns) {
        int[] from = new int[columns];
        int[] holder = new int[columns];
        Arrays.fill(from, FREE);
        Arrays.fill(holder, FREE);
        for (int i = 0, open = columns; open > 0 && i < ROUNDS; i++) {
            open = round(original, suspect, from, holder);
        }
        fill(from, holder);
        return from;
    }

    private static void fill(int[] from, int[] holder) {
        int theirs = 0;
        for (int mine = 0; mine < from.length; mine++) {
            if (from[mine] == FREE) {
                while (holder[theirs] != FREE) {
                    theirs++;
                }
                from[mine] = theirs;
                holder[theirs] = mine;
            }
        }
    }

    /** One round; answers how many columns are still without a partner. */
    private static int round(Sketch original, Sketch suspect, int[] from, int[] holder) {
        double[] best = new double[from.length];
        int[] wooer = new int[from.length];
        Arrays.fill(wooer, FREE);
        for (int mine = 0; mine < from.length; mine++) {
            if (from[mine] == FREE) {
                int choice = FREE;
                double likeness = Double.NEGATIVE_INFINITY;
                for (int theirs = 0; theirs < holder.length; theirs++) {
                    if (holder[theirs] == FREE) {
                        double cosine = original.cosine(mine, suspect, theirs);
                        if (choice == FREE || cosine > likeness) {
                            choice = theirs;
                            likeness = cosine;
                        }
                    }
                }
                if (choice != FREE && (wooer[choice] == FREE || likeness > best[choice])) {
                    wooer[choice] = mine;
                    best[choice] = likeness;
                }
            }
        }
        int left = 0;
        for (int theirs = 0; theirs < wooer.length; theirs++) {
            if (wooer[theirs] != FREE) {
                from[wooer[theirs]] = theirs;
                holder[theirs] = wooer[theirs];
            }
        }
        for (int each : from) {
            left += each == FREE ? 1 : 0;
        }
        return left;
    }
}
