package dev.strongroom.serving.guard.puzzle;

import dev.strongroom.serving.guard.limit.Asker;
import java.util.HashMap;
import java.util.Map;

/**
 * Who has solutions waiting to be checked: a few each, and no group more than half of all. Not
 * thread-safe.
 */
final class Places {
    static final int ALL = 64;
    static final int OF_GROUP = ALL / 2;

    private final Map<String, Integer> ofOne = new HashMap<>();
    private final Map<String, Integer> ofGroup = new HashMap<>();
    private int taken;

    /**
     * False if there is none for him.
     *
     * @param most that he may have
     */
    boolean free(Asker asker, int most) {
        return taken < ALL
                && ofGroup.getOrDefault(asker.group(), 0) < OF_GROUP
                && ofOne.getOrDefault(asker.identity(), 0) < most;
    }

    void take(Asker asker) {
        taken++;
        ofGroup.merge(asker.group(), 1, Integer::sum);
        ofOne.merge(asker.identity(), 1, Integer::sum);
    }

    void leave(Asker asker) {
        taken--;
        leave(ofGroup, asker.group());
        leave(ofOne, asker.identity());
    }

    private static void leave(Map<String, Integer> counts, String of) {
        counts.computeIfPresent(of, (_, count) -> count == 1 ? null : count - 1);
    }
}
