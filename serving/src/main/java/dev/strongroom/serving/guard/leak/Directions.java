package dev.strongroom.serving.guard.leak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many independent directions each group has seen of each output of a version. Who has seen as
 * many as a last layer has, has that layer; a policy stops well before.
 *
 * <p>Directions seen before a restart are remembered by number: they count, and seen again they
 * count again. Memory is bounded for all groups together; when it is full nobody sees a new
 * direction.
 *
 * <p>Thread-safe.
 */
public final class Directions {
    private static final int MOST = 256; // of one group and output, as policies may say
    private static final int MOST_OF_ALL = 1 << 14; // some 34 MB
    private static final double TOLERANCE = 1e-3; // above the rounding of floats

    private final long seed;
    private final Map<Long, Seen> seen = new HashMap<>();
    private int all;

    /** Of one group and output. */
    private static final class Seen {
        private int before;
        private final RankMeter meter;

        Seen(long seed) {
            this.meter = new RankMeter(MOST, TOLERANCE, seed);
        }

        int number() {
            return before + meter.rank();
        }
    }

    /** What has to outlive this process of one group and output. */
    public record Count(long subject, int directions) {}

    /**
     * @param seed secret, so that nobody can choose vectors that look alike
     */
    public Directions(long seed) {
        this.seed = seed;
    }

    /**
     * Counts a vector that is to be shown.
     *
     * @param subject number of the group and the output
     * @param most directions that it may see
     * @return false: it must not be shown, and was not counted
     */
    public synchronized boolean show(long subject, float[] vector, int most) {
        Seen of = seen.computeIfAbsent(subject, _ -> new Seen(seed));
        int before = of.meter.rank();
        int room = Math.min(most - of.number(), MOST_OF_ALL - all);
        boolean shown = of.meter.admit(vector, before + Math.max(0, room));
        all += of.meter.rank() - before;
        return shown;
    }

    /** What was seen, for the next process. */
    public synchronized List<Count> counts() {
        var counts = new ArrayList<Count>();
        seen.forEach((subject, of) -> {
            if (of.number() > 0) {
                counts.add(new Count(subject, of.number()));
            }
        });
        return counts;
    }

    /** Takes up what another process counted: of both the more. */
    public synchronized void merge(List<Count> counts) {
        for (Count count : counts) {
            Seen of = seen.computeIfAbsent(count.subject(), _ -> new Seen(seed));
            of.before = Math.max(of.number(), count.directions()) - of.meter.rank();
        }
    }
}
