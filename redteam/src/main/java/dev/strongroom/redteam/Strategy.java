package dev.strongroom.redteam;

import java.util.List;
import java.util.Random;

/**
 * The attacks of the tables by name.
 *
 * @param name as printed
 * @param most queries after which a run that was not flagged counts as never
 */
record Strategy(String name, int most, Start start) {
    static final int SEEDS = 20;

    /** Begins one run of an attack on a world. */
    interface Start {
        Attack begin(World world, Random random);
    }

    static final Strategy KNOCKOFF_FOREIGN =
            new Strategy("knockoff, foreign pool", 1000, Strategy::foreign);
    static final Strategy KNOCKOFF_OWN =
            new Strategy("knockoff, victim's distribution", 1000, Strategy::own);
    static final Strategy JBDA =
            new Strategy(
                    "JBDA, " + SEEDS + " seeds",
                    2000,
                    (world, random) -> jbda(world, SEEDS, random));
    static final Strategy BOUNDARY =
            new Strategy(
                    "boundary bisection",
                    1000,
                    (world, random) -> new BoundarySearch(own(world, random)));
    static final Strategy UNIFORM =
            new Strategy(
                    "uniform noise",
                    1000,
                    (world, random) -> Attacks.uniform(world.victim().inputs(), random));
    static final Strategy MIXUP =
            new Strategy("mixup", 2000, (world, random) -> Attacks.mixup(own(world, random)));
    static final Strategy ACTIVE =
            new Strategy(
                    "active learning, foreign pool",
                    1000,
                    (world, random) ->
                            new ActiveLearning(
                                    new Pool(world.foreign(), random),
                                    world.freshClone(random),
                                    random));

    static final Strategy DATA_FREE =
            new Strategy(
                    "data-free generator",
                    1000,
                    (world, random) ->
                            new DataFree(
                                    world.freshClone(random), world.freshClone(random), random));

    static List<Strategy> plain() {
        return List.of(
                KNOCKOFF_FOREIGN, UNIFORM, DATA_FREE, ACTIVE, BOUNDARY, JBDA, MIXUP, KNOCKOFF_OWN);
    }

    Strategy contaminated(double share) {
        return new Strategy(
                name + ", " + Math.round(100 * share) + " % of honest traffic",
                3000,
                (world, random) ->
                        Attacks.contaminated(
                                start.begin(world, random), honest(world, random), share, random));
    }

    Strategy afterSleeping(int queries) {
        return new Strategy(
                name + ", after " + queries + " honest",
                most + queries,
                (world, random) ->
                        Attacks.sleeping(
                                start.begin(world, random), honest(world, random), queries));
    }

    static Attack honest(World world, Random random) {
        return new Pool(world.honest().rows(), random);
    }

    static Attack jbda(World world, int seeds, Random random) {
        return new JacobianAugmentation(
                own(world, random), seeds, world.freshClone(random), random);
    }

    private static Attack own(World world, Random random) {
        return new Pool(world.thief(), random);
    }

    private static Attack foreign(World world, Random random) {
        return new Pool(world.foreign(), random);
    }
}
