package dev.strongroom.serving.guard.detect;

/**
 * What the detector keeps of one query. Higher scores are stranger.
 *
 * @param predicted class with the highest output
 * @param mahalanobis squared distance of the penultimate features to the mean of their class
 * @param residual share of the input's squared length outside the honest subspace
 * @param doubt minus the lead of the best class over the second, in log-odds
 * @param input squared distance of the input to the mean of its class
 * @param place where the input is among others, for distances
 */
record Observation(
        int predicted, float mahalanobis, float residual, float doubt, float input, float[] place) {

    static Observation of(
            float[] input,
            float[] features,
            float[] outputs,
            Subspace subspace,
            Whitening whitening,
            Whitening inputs) {
        float[] folded = Folding.fold(input, subspace.size());
        float[] coordinates = subspace.coordinates(folded);
        int predicted = Answers.best(outputs);
        return new Observation(
                predicted,
                whitening.distance(Folding.fold(features, whitening.size()), predicted),
                subspace.residual(folded, coordinates),
                -Answers.lead(outputs, predicted),
                inputs.distance(Folding.fold(input, inputs.size()), predicted),
                subspace.place(coordinates));
    }

    /** The scores that are properties of this query alone, in the order of {@link Score}. */
    float[] single(References references) {
        float isolation =
                references.count(predicted) == 0
                        ? Float.NEGATIVE_INFINITY // says nothing: less strange than any
                        : references.nearest(predicted, place);
        return new float[] {mahalanobis, residual, doubt, isolation, input};
    }
}
