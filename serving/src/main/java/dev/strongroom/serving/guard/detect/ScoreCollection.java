package dev.strongroom.serving.guard.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores of honest samples on their way into tables. Of every class the first samples seed a ring
 * that then stands still; the rest are scored against it, so that no sample meets itself.
 */
final class ScoreCollection {
    private static final int RING_EVERY = 4; // a quarter of a small class may become its ring
    private static final double LINK_QUANTILE = 0.001;
    private static final float LINK_SHARE = 0.5f; // of the squared distance: no chance meeting
    private static final int MIN_RING = 8;

    private final int classes;
    private final List<Observation> scored = new ArrayList<>();
    private final List<Float> nearness = new ArrayList<>();
    private final List<List<Observation>> ofClass = new ArrayList<>();
    private final int dimensions;
    private final int[] slots;

    ScoreCollection(int classes, int dimensions) {
        this.classes = classes;
        this.dimensions = dimensions;
        this.slots = new int[classes];
        for (int at = 0; at < classes; at++) {
            ofClass.add(new ArrayList<>());
        }
    }

    void take(Observation observation) {
        ofClass.get(observation.predicted()).add(observation);
    }

    int[] ringSlots() {
        score();
        return slots.clone();
    }

    float[] linkDistances() {
        score();
        var links = new float[classes];
        for (int predicted = 0; predicted < classes; predicted++) {
            float[] ascending = ascending(Score.NEARNESS, predicted);
            if (slots[predicted] > 0 && ascending.length > 0) {
                int rank = (int) (LINK_QUANTILE * ascending.length);
                links[predicted] = LINK_SHARE * -ascending[ascending.length - 1 - rank];
            }
        }
        return links;
    }

    /** For each score a table of each class and one of all classes together. */
    List<List<ScoreTable>> tables() {
        score();
        List<List<ScoreTable>> tables = new ArrayList<>();
        for (Score score : Score.values()) {
            List<ScoreTable> ofScore = new ArrayList<>();
            for (int predicted = 0; predicted <= classes; predicted++) {
                ofScore.add(new ScoreTable(ascending(score, predicted)));
            }
            tables.add(List.copyOf(ofScore));
        }
        return tables;
    }

    private void score() {
        if (!scored.isEmpty()) {
            return;
        }
        for (int predicted = 0; predicted < classes; predicted++) {
            scoreClass(predicted, ofClass.get(predicted));
        }
    }

    private void scoreClass(int predicted, List<Observation> observations) {
        int seeds = Math.min(Calibration.MAX_RING, observations.size() / RING_EVERY);
        boolean tabled = observations.size() - seeds >= Calibration.MIN_CLASS_SAMPLES;
        if (seeds < MIN_RING || !tabled) {
            seeds = 0;
        }
        slots[predicted] = seeds;
        var ring = new ServedRing(slots, dimensions);
        for (Observation seed : observations.subList(0, seeds)) {
            ring.add(predicted, seed.place(), 0);
        }
        for (Observation sample : observations.subList(seeds, observations.size())) {
            scored.add(sample);
            nearness.add(
                    seeds == 0 ? Float.NaN : -ring.nearest(predicted, sample.place(), 0).own());
        }
    }

    private float[] ascending(Score score, int predicted) {
        var values = new float[scored.size()];
        int count = 0;
        for (int at = 0; at < scored.size(); at++) {
            Observation sample = scored.get(at);
            if (predicted == classes || sample.predicted() == predicted) {
                float value = score == Score.NEARNESS ? nearness.get(at) : sample.score(score);
                if (Float.isFinite(value)) {
                    values[count++] = value;
                }
            }
        }
        float[] ascending = Arrays.copyOf(values, count);
        Arrays.sort(ascending);
        return ascending;
    }
}
