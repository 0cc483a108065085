package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.TensorSignature;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds out whether a model answers each row for itself, whatever rows are beside it: runs rows
 * alone and together, in both orders, and compares. Only then may callers' rows run together. A
 * model whose answers differ, as one that scales by all values of a batch does, is not batched.
 */
final class RowProof {
    private static final int ANY_SIZE = 3; // of dimensions that are not rows
    private static final int MAX_ELEMENTS = 1 << 22; // of one input's row; larger ones run alone
    private static final float CLOSE = 1e-5f; // other kernels for other sizes round differently
    private static final float RELATIVELY_CLOSE = 1e-4f;

    /** A model that needs longer for seven rows gains nothing by a batch. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Engine engine;
    private final long until = System.nanoTime() + PATIENCE.toNanos();
    private final Set<String> outputs = new LinkedHashSet<>();

    private RowProof(Engine engine) {
        this.engine = engine;
        engine.outputs().forEach(output -> outputs.add(output.name()));
        engine.hidden().forEach(output -> outputs.add(output.name()));
    }

    static boolean holds(Engine engine) {
        if (!hasRows(engine.inputs()) || !hasRows(engine.outputs()) || !hasRows(engine.hidden())) {
            return false;
        }
        var proof = new RowProof(engine);
        // Many models look integers up in tables, whose sizes nobody says.
        return proof.holds(100).orElseGet(() -> proof.holds(2).orElse(false));
    }

    private static boolean hasRows(List<TensorSignature> signatures) {
        return signatures.stream()
                .allMatch(signature ->
                        comparable(signature.type())
                                && !signature.shape().isEmpty()
                                && signature.shape().getFirst() < 0
                                && rowElements(signature) <= MAX_ELEMENTS);
    }

    /** The other types are rare, and nothing is lost but speed. */
    private static boolean comparable(ElementType type) {
        return switch (type) {
            case BOOL, INT8, INT16, INT32, INT64, UINT8, FP32, FP64 -> true;
            case UINT16, UINT32, UINT64, FP16, BF16, BYTES -> false;
        };
    }

    private static double rowElements(TensorSignature signature) {
        return signature.shape().stream()
                .skip(1)
                .mapToDouble(size -> size < 0 ? ANY_SIZE : size)
                .reduce(1, (a, b) -> a * b);
    }

    /** Empty when the model refuses such values, or takes too long. */
    private Optional<Boolean> holds(int integersBelow) {
        var random = new Random(1); // the same rows at every start
        List<Tensor> one = rows(1, integersBelow, random);
        List<Tensor> two = rows(2, integersBelow, random);
        try {
            List<List<Tensor>> alone =
                    Stream.concat(run(List.of(one)).stream(), run(List.of(two)).stream()).toList();
            List<List<Tensor>> together = run(List.of(one, two));
            List<List<Tensor>> turned = run(List.of(two, one));
            return Optional.of(
                    close(alone, together) && close(alone, List.of(turned.get(1), turned.get(0))));
        } catch (InferenceException e) {
            return Optional.empty();
        }
    }

    private List<List<Tensor>> run(List<List<Tensor>> requests) throws InferenceException {
        return engine.run(requests, outputs, () -> System.nanoTime() - until > 0);
    }

    private List<Tensor> rows(int rows, int integersBelow, Random random) {
        return new SampleRows(rows, ANY_SIZE, integersBelow).of(engine.inputs(), random);
    }

    private static boolean close(List<List<Tensor>> some, List<List<Tensor>> others) {
        for (int i = 0; i < some.size(); i++) {
            for (int j = 0; j < some.get(i).size(); j++) {
                if (!close(some.get(i).get(j), others.get(i).get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean close(Tensor one, Tensor other) {
        if (!one.shape().equals(other.shape())
                || !(one.content() instanceof Numbers(var a))
                || !(other.content() instanceof Numbers(var b))) {
            return false;
        }
        var left = a.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        var right = b.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        while (left.hasRemaining()) {
            boolean same =
                    switch (one.type()) {
                        case FP32 -> close(left.getFloat(), right.getFloat());
                        case FP64 -> close(left.getDouble(), right.getDouble());
                        default -> left.get() == right.get();
                    };
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static boolean close(double a, double b) {
        return Math.abs(a - b) <= CLOSE + RELATIVELY_CLOSE * Math.abs(a)
                || (Double.isNaN(a) && Double.isNaN(b));
    }
}
