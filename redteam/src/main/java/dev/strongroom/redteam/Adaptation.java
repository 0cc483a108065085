package dev.strongroom.redteam;

import dev.strongroom.serving.guard.detect.CalibrationSamples;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Thieves who make their queries by what they know of the detector, and what that costs them. */
final class Adaptation {
    private static final int MANY = 1500; // own samples: a third to learn from, the rest calibrates
    private static final int FEW = 20;
    private static final int EPOCHS = 40;

    /**
     * One kind of thief.
     *
     * @param knows of the detector
     * @param samples of the victim's distribution that he has
     * @param until forged queries until the flag
     * @param foreign mean part of a forged query that is foreign
     * @param tried mean of what he computes for a forged query
     * @param answered forged queries on trial
     * @param alone fidelity by asking his samples and nothing else
     * @param off fidelity with all forged queries and no guard
     * @param on the same on trial
     */
    record Row(
            String attack,
            String knows,
            int samples,
            Quantiles until,
            double foreign,
            double tried,
            int answered,
            double alone,
            double off,
            double on) {
        Map<String, Object> asMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("attack", attack);
            map.put("knows", knows);
            map.put("samples", samples);
            map.put("untilFlag", until.asMap());
            map.put("foreign", foreign);
            map.put("tried", tried);
            map.put("answered", answered);
            map.put("alone", alone);
            map.put("off", off);
            map.put("on", on);
            return map;
        }
    }

    private final World world;
    private final int runs;
    private final int forged;
    private final long seed;

    private Adaptation(World world, int runs, int forged, long seed) {
        this.world = world;
        this.runs = runs;
        this.forged = forged;
        this.seed = seed;
    }

    /**
     * Empty where the thief's share of the samples calibrates nothing.
     *
     * @param forged queries after his own samples, of each run
     */
    static List<Row> measure(World world, int runs, int forged, long seed) {
        if (world.thief().size() <= CalibrationSamples.LEAST) {
            return List.of();
        }
        var adaptation = new Adaptation(world, runs, forged, seed);
        return List.of(
                adaptation.row("mimicry of features", "the method", adaptation::mimicry),
                adaptation.row("threading, a copy of his own", "the method", adaptation::threading),
                adaptation.row("threading, an exact copy", "everything", adaptation::exactly),
                adaptation.row(
                        "the same, and padding of his own", "everything", adaptation::padded));
    }

    private interface Kind {
        Thief begin(Random random);
    }

    /**
     * @param has samples of the victim's distribution, whether he asks them first or not
     */
    private record Thief(Informed attack, List<float[]> has) {
        static Thief askingAll(List<float[]> own, Informed.Study study) {
            return new Thief(new Informed(own, study), own);
        }
    }

    private Row row(String attack, String knows, Kind kind) {
        var until = new int[runs];
        double foreign = 0;
        double tried = 0;
        for (int run = 0; run < runs; run++) {
            Informed thief = kind.begin(new Random(seed * 1_000_033 + run)).attack;
            until[run] = untilFlag(thief, run);
            foreign += thief.foreign() / runs;
            tried += thief.tried() / runs;
        }
        Thief open = kind.begin(new Random(seed));
        Informed guarded = kind.begin(new Random(seed)).attack;
        var alone = new Theft();
        alone.run(open.has.iterator()::next, Api.open(world.victim()), 1, open.has.size());
        int samples = guarded.samples();
        var off = new Theft();
        off.run(open.attack, Api.open(world.victim()), 1, samples + forged);
        var on = new Theft();
        on.run(guarded, world.trial(seed), 1, samples + forged);
        return new Row(
                attack,
                knows,
                open.has.size(),
                new Quantiles(until),
                foreign,
                tried,
                on.answered() - samples,
                fidelity(alone),
                fidelity(off),
                fidelity(on));
    }

    private int untilFlag(Informed thief, int run) {
        Shield shield = world.shield(seed * 1_000_033 + run);
        for (int query = 1; query <= thief.samples() + forged; query++) {
            Optional<float[]> reply = shield.ask(1, thief.next());
            if (shield.client(1).flaggedAt >= 0) {
                return query - thief.samples();
            }
            reply.ifPresent(thief::told);
        }
        return Integer.MAX_VALUE;
    }

    private double fidelity(Theft theft) {
        return theft.fidelity(world.victim(), world.hidden(), world.test(), seed);
    }

    private Thief mimicry(Random random) {
        return Thief.askingAll(
                own(MANY, random),
                (rows, replies) ->
                        new Mimicry(
                                clone(rows, replies, random),
                                calibrating(rows),
                                world.foreign(),
                                random));
    }

    private Thief threading(Random random) {
        return Thief.askingAll(
                own(MANY, random),
                (rows, replies) -> {
                    Victim clone = Victim.of(clone(rows, replies, random));
                    var copy =
                            new Rehearsal(
                                    World.calibrate(clone, calibrating(rows)),
                                    clone::answer,
                                    random.nextLong());
                    rows.forEach(copy::ask);
                    return new Threading(copy, rows, world.foreign(), List.of(), random);
                });
    }

    private Thief exactly(Random random) {
        return Thief.askingAll(
                own(FEW, random),
                (rows, _) ->
                        new Threading(
                                exact(rows, random), rows, world.foreign(), List.of(), random));
    }

    /** Half of his samples to mix, the other half to ask when nothing foreign would pass. */
    private Thief padded(Random random) {
        List<float[]> has = own(MANY, random);
        List<float[]> mixed = has.subList(0, has.size() / 2);
        List<float[]> kept = has.subList(has.size() / 2, has.size());
        return new Thief(
                new Informed(
                        List.of(),
                        (rows, _) ->
                                new Threading(
                                        exact(rows, random), mixed, world.foreign(), kept, random)),
                has);
    }

    private Rehearsal exact(List<float[]> asked, Random random) {
        var copy = new Rehearsal(world.calibration(), world.victim()::answer, random.nextLong());
        asked.forEach(copy::ask);
        return copy;
    }

    private List<float[]> own(int most, Random random) {
        var pool = new Pool(world.thief(), random);
        return CloneGuided.drawn(pool, Math.min(most, world.thief().size()));
    }

    private static List<float[]> calibrating(List<float[]> rows) {
        int count = Math.max(CalibrationSamples.LEAST, rows.size() * 2 / 3);
        return rows.subList(rows.size() - count, rows.size());
    }

    /** By those of his samples that do not calibrate. */
    private Mlp clone(List<float[]> rows, List<float[]> replies, Random random) {
        int count = rows.size() - calibrating(rows).size();
        Mlp clone = world.freshClone(random);
        new Trainer(clone).train(rows.subList(0, count), replies.subList(0, count), EPOCHS, random);
        return clone;
    }
}
