package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import java.util.Optional;

/**
 * The solution of a puzzle that came with one request, and whether it was accepted for that
 * request. Thread-safe.
 */
public final class GivenSolution {
    private final String text;
    private volatile boolean accepted;

    private GivenSolution(String text) {
        this.text = text;
    }

    static Optional<GivenSolution> in(ModelInferRequest request) {
        InferParameter parameter = request.getParametersMap().get(Solution.PARAMETER);
        return parameter == null || !parameter.hasStringParam()
                ? Optional.empty()
                : Optional.of(new GivenSolution(parameter.getStringParam()));
    }

    /** What a puzzle is about: the digest that a receipt has of a request without an id. */
    public static Digest question(PublicModel model, InferenceRequest request) {
        return ReceiptParameter.request(model, "", request);
    }

    public String text() {
        return text;
    }

    public boolean isAccepted() {
        return accepted;
    }

    /** It was checked, and counts for this request and no other. */
    public void accept() {
        accepted = true;
    }
}
