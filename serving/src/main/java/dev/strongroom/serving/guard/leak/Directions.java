package dev.strongroom.serving.guard.leak;

import dev.strongroom.serving.guard.leak.RankMeter.Sight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many independent directions each group has seen of each output of a version. Who has seen as
 * many as a last layer has, has that layer; a policy stops well before.
 *
 * <p>Directions seen before a restart are remembered by number: they count, and seen again they
 * count again. Memory is bounded for all groups together; when it is full nobody sees a new
 * direction.
 *
 * <p>Thread-safe; groups do not wait for each other.
 */
public final class Directions {
    private static final int MOST = 256; // of one group and output, as policies may say
    private static final long NUMBERS_OF_ALL = 1L << 24; // 64 MiB
    private static final double TOLERANCE = 1e-3; // above the rounding of floats

    private final Map<Long, Seen> seen = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong(); // kept of all groups

    /** Of one group and output; guarded by itself. */
    private static final class Seen {
        private final RankMeter meter = new RankMeter(MOST, TOLERANCE);
        private int before;

        int number() {
            return before + meter.rank();
        }
    }

    /** What has to outlive this process of one group and output. */
    public record Count(long subject, int directions) {}

    /**
     * Counts a vector that is to be shown.
     *
     * @param subject number of the group and the output
     * @param vector finite; becomes what is shown in its place when the answer is KNOWN
     * @param most directions that it may see
     */
    public Sight show(long subject, double[] vector, int most) {
        Seen of = seen.computeIfAbsent(subject, _ -> new Seen());
        synchronized (of) {
            boolean room = of.number() < most && take(vector.length);
            Sight sight = of.meter.show(vector, room ? MOST : 0);
            if (room && sight != Sight.NEW) {
                numbers.addAndGet(-vector.length);
            }
            return sight;
        }
    }

    private boolean take(int length) {
        if (numbers.addAndGet(length) <= NUMBERS_OF_ALL) {
            return true;
        }
        numbers.addAndGet(-length);
        return false;
    }

    /** What was seen, for the next process. */
    public List<Count> counts() {
        var counts = new ArrayList<Count>();
        seen.forEach((subject, of) -> {
            synchronized (of) {
                if (of.number() > 0) {
                    counts.add(new Count(subject, of.number()));
                }
            }
        });
        return counts;
    }

    /** Takes up what another process counted: of both the more. */
    public void merge(List<Count> counts) {
        for (Count count : counts) {
            Seen of = seen.computeIfAbsent(count.subject(), _ -> new Seen());
            synchronized (of) {
                of.before = Math.max(of.number(), count.directions()) - of.meter.rank();
            }
        }
    }
}
