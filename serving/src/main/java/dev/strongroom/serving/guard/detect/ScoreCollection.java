package dev.strongroom.serving.guard.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores of honest samples on their way into tables. Of every class the first samples become
 * references that then stand still; the rest are scored, so that no sample meets itself.
 */
final class ScoreCollection {
    private static final int REFERENCE_EVERY = 4; // of a small class at most a quarter
    private static final int MIN_REFERENCES = 10;
    private static final int MAX_REFERENCES = 8192; // in all
    private static final double LINK_QUANTILE = 0.001;

    private record Scored(int predicted, float[] single, float[] nearness) {}

    private final int classes;
    private final References references;
    private final List<Scored> scored = new ArrayList<>();

    ScoreCollection(int classes, int dimensions, List<Observation> observations) {
        this.classes = classes;
        List<List<Observation>> ofClass = new ArrayList<>();
        for (int predicted = 0; predicted < classes; predicted++) {
            ofClass.add(new ArrayList<>());
        }
        observations.forEach(seen -> ofClass.get(seen.predicted()).add(seen));
        var places = new float[classes][];
        for (int predicted = 0; predicted < classes; predicted++) {
            places[predicted] = takeReferences(ofClass.get(predicted), dimensions);
        }
        this.references = new References(places, dimensions);
        ofClass.forEach(this::score);
    }

    References references() {
        return references;
    }

    Tables tables() {
        List<List<ScoreTable>> tables = new ArrayList<>();
        for (int kind = 0; kind < Score.SINGLE; kind++) {
            int single = kind;
            tables.add(byClass((sample, before) -> sample.single[single], tables));
        }
        tables.add(
                byClass(
                        (sample, before) -> before.combined(sample.predicted, sample.single),
                        tables));
        for (int kind = 0; kind < Nearness.LEVELS.length; kind++) {
            int level = kind;
            tables.add(byClass((sample, before) -> -sample.nearness[level], tables));
        }
        return new Tables(tables);
    }

    /** Rarely two honest queries are nearer than this share of their isolation; squared. */
    float[] linkRatios() {
        var links = new float[classes];
        for (int predicted = 0; predicted < classes; predicted++) {
            int of = predicted;
            var distances = new float[scored.size()];
            int count = 0;
            for (Scored sample : scored) {
                if (sample.predicted == of && references.count(of) > 0) {
                    distances[count++] = sample.nearness[Nearness.LEVELS.length - 1];
                }
            }
            Arrays.sort(distances, 0, count);
            links[predicted] = count == 0 ? 0 : distances[(int) (LINK_QUANTILE * count)];
        }
        return links;
    }

    private float[] takeReferences(List<Observation> ofClass, int dimensions) {
        int count = Math.min(Calibration.MAX_RING, ofClass.size() / REFERENCE_EVERY);
        count = Math.min(count, MAX_REFERENCES / classes);
        if (count < MIN_REFERENCES || ofClass.size() - count < Calibration.MIN_CLASS_SAMPLES) {
            return new float[0];
        }
        var places = new float[count * dimensions];
        for (int sample = 0; sample < count; sample++) {
            for (int k = 0; k < dimensions; k++) {
                places[k * count + sample] = ofClass.get(sample).place()[k];
            }
        }
        ofClass.subList(0, count).clear();
        return places;
    }

    /** Each sample with those after it for a ring of earlier queries. */
    private void score(List<Observation> ofClass) {
        for (int at = 0; at < ofClass.size(); at++) {
            Observation seen = ofClass.get(at);
            float[] single = seen.single(references);
            scored.add(new Scored(seen.predicted(), single, nearness(ofClass, at, single)));
        }
    }

    private float[] nearness(List<Observation> ofClass, int at, float[] single) {
        var nearness = new float[Nearness.LEVELS.length];
        Arrays.fill(nearness, Float.NaN);
        float[] place = ofClass.get(at).place();
        int all = Math.min(references.count(ofClass.get(at).predicted()), ofClass.size() - 1);
        float nearest = Float.POSITIVE_INFINITY;
        int others = 0;
        for (int level = 0; level < nearness.length && all > 0; level++) {
            while (others < Math.min(all, Nearness.LEVELS[level])) {
                others++;
                float[] other = ofClass.get((at + others) % ofClass.size()).place();
                nearest = Math.min(nearest, References.distance(place, other));
            }
            nearness[level] = Nearness.ratio(nearest, single);
        }
        return nearness;
    }

    private interface Value {
        float of(Scored sample, Tables before);
    }

    private List<ScoreTable> byClass(Value value, List<List<ScoreTable>> before) {
        var known = new Tables(before);
        var values = new float[scored.size()];
        for (int at = 0; at < values.length; at++) {
            values[at] = value.of(scored.get(at), known);
        }
        List<ScoreTable> tables = new ArrayList<>();
        for (int predicted = 0; predicted <= classes; predicted++) {
            tables.add(new ScoreTable(ascending(values, predicted)));
        }
        return List.copyOf(tables);
    }

    private float[] ascending(float[] values, int predicted) {
        var chosen = new float[values.length];
        int count = 0;
        for (int at = 0; at < values.length; at++) {
            boolean wanted = predicted == classes || scored.get(at).predicted == predicted;
            if (wanted && Float.isFinite(values[at])) {
                chosen[count++] = values[at];
            }
        }
        float[] ascending = Arrays.copyOf(chosen, count);
        Arrays.sort(ascending);
        return ascending;
    }
}
