package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;

/**
 * An inference as it was asked for over HTTP.
 *
 * @param request with raw contents only
 * @param forms of the answer's tensors
 */
record RestRequest(ModelInferRequest request, OutputForms forms) {}
