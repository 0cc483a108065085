package dev.strongroom.redteam;

import dev.strongroom.serving.guard.detect.Detector;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import dev.strongroom.serving.guard.detect.Judgement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What judging one query takes: the detector alone, on this machine, as loaded as it is.
 *
 * @param p50 microseconds
 * @param p99 microseconds
 */
record Cost(double p50, double p99, int calibrationBytes) {
    private static final int WARM = 20_000;
    private static final int MEASURED = 20_000;

    static Cost measure(World world, long seed) {
        var detector = new Detector(world.calibration(), Shield.secrets(seed));
        var evidence = new EvidenceProcess();
        List<float[]> rows = world.honest().rows();
        var nanos = new long[MEASURED];
        for (int query = 0; query < WARM + MEASURED; query++) {
            float[] row = rows.get(query % rows.size()).clone();
            row[query % row.length] += query * 1e-7f; // not a repeat
            Victim.Answer answer = world.victim().answer(row);
            long began = System.nanoTime();
            if (detector.judge(1, row, answer.features(), answer.probabilities())
                    instanceof Judgement.Judged judged) {
                evidence.add(judged.p());
            }
            if (query >= WARM) {
                nanos[query - WARM] = System.nanoTime() - began;
            }
        }
        Arrays.sort(nanos);
        return new Cost(
                nanos[MEASURED / 2] / 1000.0,
                nanos[MEASURED * 99 / 100] / 1000.0,
                world.calibration().encoded().length);
    }

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("p50Micros", p50);
        map.put("p99Micros", p99);
        map.put("bytesPerPrincipal", EvidenceProcess.STATE_BYTES);
        map.put("calibrationBytes", calibrationBytes);
        return map;
    }
}
