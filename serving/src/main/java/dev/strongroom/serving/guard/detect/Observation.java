package dev.strongroom.serving.guard.detect;

/**
 * What the detector keeps of one query. Higher scores are stranger.
 *
 * @param predicted class with the highest output
 * @param mahalanobis squared distance of the penultimate features to the mean of their class
 * @param residual squared length of the input outside the honest subspace
 * @param doubt minus the lead of the best class over the second, in log-odds
 * @param place coordinates in which nearness to other queries is measured
 */
record Observation(int predicted, float mahalanobis, float residual, float doubt, float[] place) {

    static Observation of(
            float[] input,
            float[] features,
            float[] outputs,
            Subspace subspace,
            Whitening whitening) {
        float[] folded = Folding.fold(input, subspace.size());
        float[] place = subspace.coordinates(folded);
        int predicted = Answers.best(outputs);
        float distance = whitening.distance(Folding.fold(features, whitening.size()), predicted);
        return new Observation(
                predicted,
                distance,
                subspace.residual(folded, place),
                -Answers.lead(outputs, predicted),
                place);
    }

    float score(Score score) {
        return switch (score) {
            case MAHALANOBIS -> mahalanobis;
            case RESIDUAL -> residual;
            case DOUBT -> doubt;
            case NEARNESS -> Float.NaN; // depends on the queries before
        };
    }
}
