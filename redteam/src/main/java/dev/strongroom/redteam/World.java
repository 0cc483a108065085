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
        Samples shuffled = all.shuffled(random);
        int size = shuffled.size();
        Samples train = shuffled.part(0, size * 2 / 7);
        Samples calibration = shuffled.part(size * 2 / 7, size * 5 / 7);
        Samples honest = shuffled.part(size * 5 / 7, size * 6 / 7);
        Samples rest = shuffled.part(size * 6 / 7, size);
        var model = new Mlp(all.width(), hidden, 10, random);
        List<float[]> targets =
                train.labels().stream().map(label -> Vectors.oneHot(label, 10)).toList();
        new Trainer(model).train(train.rows(), targets, epochs, random);
        Victim victim = Victim.of(model);
        Samples test = rest.part(0, rest.size() / 2);
        return new World(
                name,
                victim,
                hidden,
                calibrate(victim, calibration.rows()),
                calibration.size(),
                honest,
                rest.part(rest.size() / 2, rest.size()).rows(),
                test.rows(),
                foreign,
                accuracy(model, test));
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

    Shield shield(long seed) {
        return new Shield(victim, calibration, Policy.FROZEN, seed);
    }

    private static double accuracy(Mlp model, Samples test) {
        int right = 0;
        for (int at = 0; at < test.size(); at++) {
            right += model.label(test.rows().get(at)) == test.labels().get(at) ? 1 : 0;
        }
        return (double) right / test.size();
    }
}
