package dev.strongroom.redteam;

import java.util.Random;

/** The simple attacks and the disguises that every attack can wear. */
final class Attacks {
    private Attacks() {}

    static Attack uniform(int inputs, Random random) {
        return () -> {
            var row = new float[inputs];
            for (int at = 0; at < inputs; at++) {
                row[at] = random.nextFloat();
            }
            return row;
        };
    }

    static Attack gaussian(int inputs, Random random) {
        return () -> {
            var row = new float[inputs];
            for (int at = 0; at < inputs; at++) {
                row[at] = (float) random.nextGaussian();
            }
            return row;
        };
    }

    /** Seven parts of one sample and three of another. */
    static Attack mixup(Attack samples) {
        return () -> Vectors.mix(samples.next(), samples.next(), 0.7f);
    }

    /** Honest queries first. */
    static Attack sleeping(Attack attack, Attack honest, int queries) {
        return new Disguise(attack, honest, number -> number >= queries);
    }

    /** Only a share of the queries is the attack's, the rest are honest. */
    static Attack contaminated(Attack attack, Attack honest, double share, Random random) {
        return new Disguise(attack, honest, number -> random.nextDouble() < share);
    }

    private static final class Disguise implements Attack {
        private final Attack attack;
        private final Attack honest;
        private final java.util.function.IntPredicate attacks;
        private int number;
        private boolean own;

        Disguise(Attack attack, Attack honest, java.util.function.IntPredicate attacks) {
            this.attack = attack;
            this.honest = honest;
            this.attacks = attacks;
        }

        @Override
        public float[] next() {
            own = attacks.test(number++);
            return own ? attack.next() : honest.next();
        }

        @Override
        public void told(float[] reply) {
            if (own) {
                attack.told(reply);
            }
        }
    }
}
