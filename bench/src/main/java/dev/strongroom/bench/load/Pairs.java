package dev.strongroom.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Several ways to do one thing, measured in turns: each round runs all of them, in an order that
 * moves on by one, so that what the machine does beside hits all alike.
 */
public final class Pairs {
    private final Map<String, Callable<Double>> subjects = new LinkedHashMap<>();
    private final Map<String, Step> preparations = new LinkedHashMap<>();

    /** What makes ready for a sample, and is not in it. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    /**
     * Adds a side.
     *
     * @param subject measures once; in whatever unit the others have
     */
    public Pairs with(String name, Callable<Double> subject) {
        return with(name, () -> {}, subject);
    }

    /**
     * The same.
     *
     * @param before each sample of it
     */
    public Pairs with(String name, Step before, Callable<Double> subject) {
        preparations.put(name, before);
        subjects.put(name, subject);
        return this;
    }

    /** Runs them all some times without looking, then measures. */
    public Map<String, List<Double>> run(int warmUps, int rounds) throws Exception {
        Map<String, List<Double>> samples = new LinkedHashMap<>();
        subjects.keySet().forEach(name -> samples.put(name, new ArrayList<>()));
        List<String> order = new ArrayList<>(subjects.keySet());
        for (int round = -warmUps; round < rounds; round++) {
            for (String name : order) {
                Objects.requireNonNull(preparations.get(name)).run();
                double sample = Objects.requireNonNull(subjects.get(name)).call();
                if (round >= 0) {
                    Objects.requireNonNull(samples.get(name)).add(sample);
                }
            }
            order.addLast(order.removeFirst());
        }
        return samples;
    }
}
