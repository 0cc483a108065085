package dev.strongroom.redteam;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.InferenceRequest.Form;
import dev.strongroom.serving.infer.PublicModel;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A victim as its guard sees it: rows of floats for rows of probabilities. */
record VictimModel(List<TensorSignature> inputs, List<TensorSignature> outputs)
        implements PublicModel {
    static final String TENANT = "acme";
    static final String OUTPUT = "probabilities";
    private static final String INPUT = "row";

    VictimModel {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    static VictimModel of(Victim victim) {
        return new VictimModel(
                List.of(rows(INPUT, victim.inputs())), List.of(rows(OUTPUT, victim.classes())));
    }

    private static TensorSignature rows(String name, int width) {
        return new TensorSignature(name, ElementType.FP32, List.of(-1L, (long) width));
    }

    @Override
    public String name() {
        return TENANT + "/victim";
    }

    @Override
    public String version() {
        return "1";
    }

    static InferenceRequest request(float[] row) {
        return new InferenceRequest(
                List.of(RowTensor.of(INPUT, row)), Set.of(OUTPUT), Form.RAW, Optional.empty());
    }

    /** What the node's engine gives: the answer, and what the detector alone sees. */
    static List<Tensor> computed(Victim.Answer answer) {
        return List.of(
                RowTensor.of(OUTPUT, answer.probabilities()),
                RowTensor.of(TensorSignature.PENULTIMATE, answer.features()));
    }
}
