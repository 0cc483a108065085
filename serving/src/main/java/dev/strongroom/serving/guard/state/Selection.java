package dev.strongroom.serving.guard.state;

import dev.strongroom.serving.guard.limit.Standing;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which standings are kept when there are more than fit: first the suspicious, of each group its
 * most suspicious before any group's second, so that a group with many accounts pushes out its own;
 * then the others.
 */
final class Selection {
    private static final Comparator<Standing> WORST_FIRST =
            Comparator.comparing(Standing::rung)
                    .thenComparingDouble(Standing::evidence)
                    .reversed()
                    .thenComparingLong(Standing::id);

    private Selection() {}

    private record Ranked(Standing standing, int rank) {}

    /** At most so many, in an order that depends on nothing but them. */
    static List<Standing> of(List<Standing> standings, int most) {
        var chosen = new ArrayList<Standing>(standings.size());
        List<Standing> sorted = standings.stream().sorted(WORST_FIRST).toList();
        chosen.addAll(inTurns(sorted.stream().filter(Selection::isSuspicious).toList()));
        sorted.stream().filter(standing -> !isSuspicious(standing)).forEach(chosen::add);
        return chosen.size() <= most ? chosen : List.copyOf(chosen.subList(0, most));
    }

    private static boolean isSuspicious(Standing standing) {
        return standing.evidence() > 1 || standing.rung() != Rung.CONTRACT;
    }

    /** The worst of each group, then the second of each. */
    private static List<Standing> inTurns(List<Standing> worstFirst) {
        Map<Character, Integer> taken = new HashMap<>();
        return worstFirst.stream()
                .map(standing ->
                        new Ranked(standing, taken.merge(standing.group(), 1, Integer::sum)))
                .sorted(Comparator.comparingInt(Ranked::rank)) // stable
                .map(Ranked::standing)
                .toList();
    }
}
