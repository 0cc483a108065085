package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.RefusedException;

/** How an answer is written. */
@FunctionalInterface
interface AnswerForm {
    /**
     * Writes it.
     *
     * @param answer with raw contents
     * @throws RefusedException when it has no such form
     */
    Reply reply(ModelInferResponse answer) throws RefusedException;
}
