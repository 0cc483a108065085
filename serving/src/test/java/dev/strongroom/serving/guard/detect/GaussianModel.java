package dev.strongroom.serving.guard.detect;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Random;

/** A three-class model over Gaussian clouds that lie in a plane of a larger space. */
final class GaussianModel {
    static final int INPUT = 20;
    static final int CLASSES = 3;

    private final Random random;

    GaussianModel(long seed) {
        this.random = new Random(seed);
    }

    /** An honest query of a class. */
    float[] honest(int of) {
        double angle = 2 * Math.PI * of / CLASSES;
        double x = 4 * Math.cos(angle) + random.nextGaussian();
        double y = 4 * Math.sin(angle) + random.nextGaussian();
        var input = new float[INPUT];
        for (int at = 0; at < INPUT; at++) {
            double onPlane = at % 2 == 0 ? x : y;
            input[at] = (float) (onPlane + 0.1 * random.nextGaussian());
        }
        return input;
    }

    float[] honest() {
        return honest(random.nextInt(CLASSES));
    }

    /** Anywhere in the box that honest queries are in. */
    float[] uniform() {
        var input = new float[INPUT];
        for (int at = 0; at < INPUT; at++) {
            input[at] = 12 * random.nextFloat() - 6;
        }
        return input;
    }

    float[] near(float[] input) {
        float[] moved = input.clone();
        for (int at = 0; at < INPUT; at++) {
            moved[at] += (float) (0.002 * random.nextGaussian());
        }
        return moved;
    }

    static float[] features(float[] input) {
        var features = new float[4];
        for (int at = 0; at < INPUT; at++) {
            features[at % 4] += Math.max(0, input[at]);
        }
        return features;
    }

    static float[] outputs(float[] input) {
        double x = 0;
        double y = 0;
        for (int at = 0; at < INPUT; at += 2) {
            x += input[at] / 10;
            y += input[at + 1] / 10;
        }
        var outputs = new float[CLASSES];
        for (int of = 0; of < CLASSES; of++) {
            double angle = 2 * Math.PI * of / CLASSES;
            outputs[of] = (float) (x * Math.cos(angle) + y * Math.sin(angle));
        }
        return outputs;
    }

    Calibration calibration(int samples) {
        var set = new CalibrationSamples(INPUT, 4, CLASSES);
        for (int sample = 0; sample < samples; sample++) {
            float[] input = honest();
            set.add(input, features(input), outputs(input));
        }
        return set.fit();
    }

    static Detector detector(Calibration calibration) {
        try {
            var secrets = SecureRandom.getInstance("SHA1PRNG");
            secrets.setSeed(7);
            return new Detector(calibration, secrets);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static Judgement ask(Detector detector, long who, EvidenceProcess evidence, float[] input) {
        Judgement judgement = detector.judge(who, input, features(input), outputs(input));
        switch (judgement) {
            case Judgement.Repeated() -> {}
            case Judgement.Echoed(var p) -> evidence.add(p);
            case Judgement.Judged(var p, _) -> evidence.add(p);
        }
        return judgement;
    }
}
