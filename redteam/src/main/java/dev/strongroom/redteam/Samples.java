package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Labelled rows.
 *
 * @param labels of the rows, in their order
 */
record Samples(List<float[]> rows, List<Integer> labels) {
    Samples {
        rows = List.copyOf(rows);
        labels = List.copyOf(labels);
        if (rows.size() != labels.size()) {
            throw new IllegalArgumentException("each row needs a label");
        }
    }

    int size() {
        return rows.size();
    }

    int width() {
        return rows.getFirst().length;
    }

    /** The labels as distributions, to train on. */
    List<float[]> targets(int classes) {
        return labels.stream().map(label -> Vectors.oneHot(label, classes)).toList();
    }

    Samples part(int from, int to) {
        return new Samples(rows.subList(from, to), labels.subList(from, to));
    }

    Samples with(Samples other) {
        var allRows = new ArrayList<>(rows);
        allRows.addAll(other.rows);
        var allLabels = new ArrayList<>(labels);
        allLabels.addAll(other.labels);
        return new Samples(allRows, allLabels);
    }

    Samples shuffled(Random random) {
        List<Integer> order = new ArrayList<>();
        for (int at = 0; at < size(); at++) {
            order.add(at);
        }
        Collections.shuffle(order, random);
        return new Samples(
                order.stream().map(rows::get).toList(), order.stream().map(labels::get).toList());
    }
}
