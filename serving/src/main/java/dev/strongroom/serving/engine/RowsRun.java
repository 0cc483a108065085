package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.strongroom.enclave.memory.StackResidue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One run for the rows of one request, or of several below each other.
 *
 * @param requests each with one tensor per input of the model, in the model's order
 * @param wanted names of outputs
 */
record RowsRun(Signatures signatures, List<List<Tensor>> requests, Set<String> wanted) {
    /** The wanted outputs of each request, in the order of {@code wanted}. */
    List<List<Tensor>> answers(Use use) throws OrtException, InferenceException {
        Map<String, OnnxTensor> given = place(use.memory());
        try (var result = use.session().run(given, wanted, use.run().options())) {
            use.overdraft().requireCovered();
            List<Tensor> answers = new ArrayList<>();
            for (String name : wanted) {
                answers.add(OutputTensors.read(signatures.output(name), result));
            }
            return requests.size() == 1 ? List.of(answers) : BatchOutputs.split(answers, rows());
        } finally {
            StackResidue.wipe();
        }
    }

    private Map<String, OnnxTensor> place(RunMemory memory) throws OrtException {
        List<Tensor> first = requests.getFirst();
        Map<String, OnnxTensor> given = new HashMap<>();
        for (int i = 0; i < first.size(); i++) {
            given.put(
                    first.get(i).name(),
                    requests.size() == 1
                            ? memory.place(first.get(i))
                            : memory.place(BatchInputs.of(requests, i)));
        }
        return given;
    }

    private List<Long> rows() {
        return requests.stream().map(request -> request.getFirst().shape().getFirst()).toList();
    }
}
