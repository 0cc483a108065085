package dev.strongroom.redteam;

import dev.strongroom.serving.guard.shape.Rung;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Asks whether a sample was trained on, by how sure the answer is of its true class (Yeom et al.
 * 2018), of a victim that learnt too few samples by heart; for each rung of the ladder.
 */
final class Membership {
    private static final int MEMBERS = 1000;
    private static final int EPOCHS = 60;
    private static final double FALSE_ALARMS = 0.01;

    private Membership() {}

    private record Guess(double score, boolean member) {}

    /** By rung: area under the curve, and members named at one false alarm in a hundred. */
    static Map<String, Map<String, Object>> measure(Samples samples, long seed) {
        var random = new Random(seed);
        Samples shuffled = samples.shuffled(random);
        int members = Math.min(MEMBERS, shuffled.size() / 2);
        Samples learnt = shuffled.part(0, members);
        Samples others = shuffled.part(members, 2 * members);
        var victim = new Mlp(samples.width(), World.HIDDEN, 10, random);
        new Trainer(victim).train(learnt.rows(), learnt.targets(10), EPOCHS, random);
        var table = new LinkedHashMap<String, Map<String, Object>>();
        var shaping = Shaping.under(Policy.RULES, random);
        for (Rung rung : Rung.values()) {
            UnaryOperator<float[]> shown = answer -> Reading.of(shaping.on(rung, answer));
            List<Guess> guesses = new ArrayList<>();
            guess(victim, learnt, true, shown, guesses);
            guess(victim, others, false, shown, guesses);
            table.put(rung.name(), figures(guesses, members));
        }
        return table;
    }

    private static void guess(
            Mlp victim,
            Samples samples,
            boolean member,
            UnaryOperator<float[]> shown,
            List<Guess> into) {
        for (int at = 0; at < samples.size(); at++) {
            float[] answer = shown.apply(victim.probabilities(samples.rows().get(at)));
            into.add(new Guess(answer[samples.labels().get(at)], member));
        }
    }

    private static Map<String, Object> figures(List<Guess> guesses, int members) {
        guesses.sort(Comparator.comparingDouble(guess -> -guess.score));
        double area = 0;
        double named = 0;
        double caught = 0; // shares of members and of others above the threshold
        double accused = 0;
        for (int from = 0; from < guesses.size(); ) {
            int to = from;
            double newlyCaught = 0;
            double newlyAccused = 0;
            while (to < guesses.size() && guesses.get(to).score == guesses.get(from).score) {
                newlyCaught += guesses.get(to).member ? 1.0 / members : 0;
                newlyAccused += guesses.get(to).member ? 0 : 1.0 / members;
                to++;
            }
            area += newlyAccused * (caught + newlyCaught / 2);
            if (accused < FALSE_ALARMS) { // among equals, as many as the level allows
                double part = Math.min(1, (FALSE_ALARMS - accused) / Math.max(newlyAccused, 1e-9));
                named = caught + part * newlyCaught;
            }
            caught += newlyCaught;
            accused += newlyAccused;
            from = to;
        }
        return Map.of("areaUnderCurve", area, "namedAt1PercentFalse", named);
    }
}
