package dev.strongroom.redteam;

import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.CalibrationSamples;
import java.util.List;
import java.util.Random;

/**
 * A victim with its calibration and everybody's data. No row is in two of the parts.
 *
 * @param honest what honest clients ask
 * @param thief samples of the victim's distribution that a thief has
 * @param test on which fidelity is measured
 * @param foreign a pool of another distribution
 * @param accuracy of the victim on {@code test}
 */
record World(
        String name,
        Victim victim,
        int hidden,
        Calibration calibration,
        int calibrated,
        Samples honest,
        List<float[]> thief,
        List<float[]> test,
        List<float[]> foreign,
        double accuracy) {

    static final int HIDDEN = 64;

    /** Trains a victim on its own part of the samples and calibrates on another. */
    static World trained(
            String name, Samples all, List<float[]> foreign, int hidden, int epochs, long seed) {
        var random = new Random(seed);
        Split split = Split.of(all, random);
        Mlp model = train(split.train(), hidden, epochs, random);
        Victim victim = Victim.of(model);
        return new World(
                name,
                victim,
                hidden,
                calibrate(victim, split.calibration().rows()),
                split.calibration().size(),
                split.honest(),
                split.thief().rows(),
                split.test().rows(),
                foreign,
                accuracy(model, split.test()));
    }

    static Mlp train(Samples samples, int hidden, int epochs, Random random) {
        var model = new Mlp(samples.width(), hidden, 10, random);
        new Trainer(model).train(samples.rows(), samples.targets(10), epochs, random);
        return model;
    }

    static Calibration calibrate(Victim victim, List<float[]> rows) {
        var samples = new CalibrationSamples(victim.inputs(), victim.features(), victim.classes());
        for (float[] row : rows) {
            Victim.Answer answer = victim.answer(row);
            samples.add(row, answer.features(), answer.probabilities());
        }
        return samples.fit();
    }

    Mlp freshClone(Random random) {
        return new Mlp(victim.inputs(), hidden, victim.classes(), random);
    }

    /** For callers whose budget does not end. */
    Shield shield(long seed) {
        return under(Terms.CONTRACT, seed);
    }

    /** For callers on trial. */
    Shield trial(long seed) {
        return under(Terms.TRIAL, seed);
    }

    /** For callers on these terms. */
    Shield under(Terms terms, long seed) {
        return new Shield(victim, calibration, terms, seed);
    }

    static double accuracy(Mlp model, Samples test) {
        int right = 0;
        for (int at = 0; at < test.size(); at++) {
            right += model.label(test.rows().get(at)) == test.labels().get(at) ? 1 : 0;
        }
        return (double) right / test.size();
    }
}
