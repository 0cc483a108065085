package dev.strongroom.serving.tune;

import dev.strongroom.serving.infer.RunSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Some ways to run the model, looked at in turns and several times, because the machine does other
 * things as well. The middle figure of each counts.
 *
 * <p>For one thread.
 */
final class Comparison {
    private static final int ROUNDS = 3;

    private static final int WARM_UP_PARTS = 4; // of a look, one

    private final List<RunSettings> settings;
    private final List<Integer> callers;
    private final Map<Look, List<Figures>> looks = new LinkedHashMap<>();

    private record Look(RunSettings settings, int callers) {}

    Comparison(List<RunSettings> settings, List<Integer> callers) {
        this.settings = settings;
        this.callers = callers;
    }

    /** Looks there are to take. */
    int looks() {
        return ROUNDS * settings.size() * callers.size();
    }

    /**
     * Takes them, until time is up.
     *
     * @param each how long one takes
     * @throws CutShortException before everything was looked at once; what was is in {@link #rows}
     */
    void run(Subject subject, Crowd crowd, Duration each, BooleanSupplier timeIsUp)
            throws CutShortException, InterruptedException {
        Duration warmUp = each.dividedBy(WARM_UP_PARTS);
        for (int round = 0; round < ROUNDS; round++) {
            for (RunSettings one : settings) {
                subject.become(one);
                for (int asking : callers) {
                    if (timeIsUp.getAsBoolean()) {
                        if (round > 0) {
                            return;
                        }
                        throw new CutShortException(
                                "time was up before everything was looked at; give it more with"
                                        + " --seconds");
                    }
                    Figures seen = crowd.look(asking, warmUp, each.minus(warmUp));
                    looks.computeIfAbsent(new Look(one, asking), _ -> new ArrayList<>()).add(seen);
                }
            }
        }
    }

    /** What was seen of those that were looked at with every number of callers. */
    List<Row> rows() {
        return looks.keySet().stream()
                .filter(look -> callers.stream().allMatch(each -> sawWith(look.settings(), each)))
                .map(look ->
                        new Row(
                                look.settings(),
                                look.callers(),
                                Figures.median(looks.getOrDefault(look, List.of()))))
                .toList();
    }

    private boolean sawWith(RunSettings settings, int callers) {
        return looks.containsKey(new Look(settings, callers));
    }
}
