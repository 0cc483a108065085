package dev.strongroom.client.trace;

import dev.strongroom.client.ClientException;
import dev.strongroom.fingerprint.Alignment;
import dev.strongroom.fingerprint.Marker;
import dev.strongroom.fingerprint.Matrix;
import dev.strongroom.fingerprint.Residual;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A suspect's weights beside the original's: paired by name, else by shape in the graph's order,
 * matrices aligned.
 *
 * @param residual to test keys against
 * @param tensors of the original that a mark would be in
 * @param paired of them that the suspect has
 */
public record Comparison(Residual residual, int tensors, int paired) {
    /**
     * Reads and compares.
     *
     * @param original as nodes open it: prepared, when it was prepared for the push
     * @param suspect any ONNX file
     */
    public static Comparison of(Path original, Path suspect) throws ClientException, IOException {
        List<Weight> mine =
                OnnxWeights.of(original).stream()
                        .filter(weight -> Marker.marks(weight.shape()))
                        .toList();
        List<Weight> theirs = OnnxWeights.of(suspect);
        return compare(mine, theirs);
    }

    static Comparison compare(List<Weight> mine, List<Weight> theirs) {
        var originals = new ArrayList<Matrix>();
        var suspects = new ArrayList<Matrix>();
        var residual = new Residual();
        int paired = 0;
        Set<String> taken = new HashSet<>();
        for (Weight original : mine) {
            Optional<Weight> pair = pair(original, mine, theirs, taken);
            if (pair.isPresent()) {
                paired++;
                taken.add(pair.get().name());
                if (original.shape().size() == 2) {
                    originals.add(matrix(original));
                    suspects.add(matrix(pair.get().named(original.name())));
                } else {
                    residual.add(original.name(), original.values(), pair.get().values());
                }
            }
        }
        List<Matrix> aligned = Alignment.align(originals, suspects);
        for (int i = 0; i < aligned.size(); i++) {
            Matrix original = originals.get(i);
            residual.add(original.name(), original.values(), aligned.get(i).values());
        }
        return new Comparison(residual, mine.size(), paired);
    }

    private static Optional<Weight> pair(
            Weight original, List<Weight> mine, List<Weight> theirs, Set<String> taken) {
        Optional<Weight> same =
                theirs.stream()
                        .filter(weight -> weight.name().equals(original.name()))
                        .filter(weight -> weight.shape().equals(original.shape()))
                        .findFirst();
        if (same.isPresent()) {
            return same;
        }
        Set<String> names = new HashSet<>();
        mine.forEach(weight -> names.add(weight.name()));
        return theirs.stream()
                .filter(weight -> weight.shape().equals(original.shape()))
                .filter(weight -> !taken.contains(weight.name()) && !names.contains(weight.name()))
                .findFirst();
    }

    private static Matrix matrix(Weight weight) {
        return new Matrix(
                weight.name(),
                Math.toIntExact(weight.shape().get(0)),
                Math.toIntExact(weight.shape().get(1)),
                weight.values());
    }
}
