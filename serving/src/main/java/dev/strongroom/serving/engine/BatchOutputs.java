package dev.strongroom.serving.engine;

import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Gives each request of a batch its rows of the answers, without a copy. */
final class BatchOutputs {
    private BatchOutputs() {}

    /**
     * @param rows of each request
     * @throws InferenceException ENGINE if an answer has not as many rows as the batch
     */
    static List<List<Tensor>> split(List<Tensor> answers, List<Long> rows)
            throws InferenceException {
        List<List<Tensor>> split = new ArrayList<>();
        rows.forEach(_ -> split.add(new ArrayList<>(answers.size())));
        long all = rows.stream().mapToLong(Long::longValue).sum();
        for (Tensor answer : answers) {
            if (answer.shape().isEmpty()
                    || answer.shape().getFirst() != all
                    || !(answer.content() instanceof Numbers numbers)) {
                throw new InferenceException(
                        InferenceException.Fault.ENGINE,
                        "output '" + answer.name() + "' has not a row for each row of the inputs");
            }
            int rowBytes = numbers.bytes().remaining() / Math.toIntExact(Math.max(1, all));
            int from = numbers.bytes().position();
            for (int i = 0; i < rows.size(); i++) {
                int bytes = rowBytes * Math.toIntExact(rows.get(i));
                split.get(i).add(part(answer, rows.get(i), numbers.bytes(), from, bytes));
                from += bytes;
            }
        }
        return split;
    }

    private static Tensor part(Tensor whole, long rows, ByteBuffer bytes, int from, int length) {
        var shape = new ArrayList<>(whole.shape());
        shape.set(0, rows);
        var part = bytes.slice(from, length).order(bytes.order());
        return new Tensor(whole.name(), whole.type(), shape, new Numbers(part));
    }
}
