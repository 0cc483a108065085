package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import org.jspecify.annotations.Nullable;

/** An input as far as its request's JSON was read; its elements are looked at when all is known. */
final class InputTensor {
    final InferInputTensor.Builder head = InferInputTensor.newBuilder();

    /** Where the array of elements is in the body; null without one. */
    @Nullable Range data;

    /** Size of its part of the binary data; null where its elements are in the JSON. */
    @Nullable Long binaryBytes;

    /** First byte and the one after the last. */
    record Range(int from, int to) {}

    String name() {
        return head.getName();
    }
}
