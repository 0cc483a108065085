package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.strongroom.enclave.memory.StackResidue;
import java.util.Map;
import java.util.Set;

/** One use of a session: what is placed in its memory and begun with its run ends with it. */
record Use(OrtSession session, RunMemory memory, ActiveRuns.Run run, Overdraft overdraft) {
    /** What somebody does with an open session. */
    @FunctionalInterface
    interface Of<T> {
        T apply(Use use) throws OrtException, InferenceException;
    }

    /** Runs into memory that is there already. */
    void runInto(Map<String, OnnxTensor> given, Map<String, OnnxTensor> written)
            throws OrtException, InferenceException {
        try (var _ = session.run(given, Set.of(), written, run.options())) {
            overdraft.requireCovered();
        } finally {
            StackResidue.wipe();
        }
    }
}
