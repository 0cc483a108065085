package dev.strongroom.redteam;

import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.CalibrationFormatException;
import dev.strongroom.serving.guard.detect.Detector;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import dev.strongroom.serving.guard.detect.Judgement;
import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * A thief's own copy of the detector: what a query would do to the evidence against him, before he
 * asks it. As good as his calibration, and as his idea of what the model computes.
 */
final class Rehearsal {
    private static final long THIEF = 1;

    private final Detector detector;
    private final Function<float[], Victim.Answer> model;
    private final EvidenceProcess process = new EvidenceProcess();

    /**
     * @param model what he takes the model's answers and features for
     */
    Rehearsal(Calibration calibration, Function<float[], Victim.Answer> model, long seed) {
        this.detector = new Detector(calibration, Shield.secrets(seed));
        this.model = model;
    }

    /** The evidence as he believes it to be. */
    double evidence() {
        return process.evidence();
    }

    /** The evidence if he asked this next. */
    double after(float[] row) {
        Victim.Answer answer = model.apply(row);
        EvidenceProcess next = copy(process);
        next.add(detector.foresee(THIEF, row, answer.features(), answer.probabilities()));
        return next.evidence();
    }

    /** He asks it. */
    void ask(float[] row) {
        Victim.Answer answer = model.apply(row);
        switch (detector.judge(THIEF, row, answer.features(), answer.probabilities())) {
            case Judgement.Repeated() -> {}
            case Judgement.Echoed(var p) -> process.add(p);
            case Judgement.Judged(var p, var _) -> process.add(p);
        }
    }

    private static EvidenceProcess copy(EvidenceProcess process) {
        var state = ByteBuffer.allocate(EvidenceProcess.STATE_BYTES);
        process.write(state);
        try {
            return EvidenceProcess.read(state.flip());
        } catch (CalibrationFormatException e) {
            throw new IllegalStateException("it was written just now", e);
        }
    }
}
