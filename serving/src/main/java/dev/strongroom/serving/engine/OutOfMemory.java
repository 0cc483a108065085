package dev.strongroom.serving.engine;

import ai.onnxruntime.OrtException;

/** What is said of a run that wanted more memory than it may have. */
final class OutOfMemory {
    private OutOfMemory() {}

    /** True of what ONNX Runtime's arena says; it has no code of its own for that. */
    static boolean is(OrtException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("Failed to allocate memory")
                || message.contains("Available memory of")
                || message.contains("bad_alloc");
    }

    static InferenceException refusal() {
        return new InferenceException(
                InferenceException.Fault.INPUT,
                "the model needs more memory for inputs of this size than this node has for it;"
                        + " send less at once");
    }
}
