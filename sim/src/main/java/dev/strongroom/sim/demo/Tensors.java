package dev.strongroom.sim.demo;

import dev.strongroom.client.DataType;
import dev.strongroom.client.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Tensors as the command line writes them, and how far two lists of them are apart. */
final class Tensors {
    private Tensors() {}

    /** Nested lists. */
    static String json(Tensor tensor) {
        var out = new StringBuilder();
        write(tensor, tensor.buffer(), 0, out);
        return out.toString();
    }

    private static void write(Tensor tensor, ByteBuffer data, int depth, StringBuilder out) {
        if (depth == tensor.shape().size()) {
            out.append(element(tensor.type(), data));
            return;
        }
        out.append('[');
        for (long i = 0; i < tensor.shape().get(depth); i++) {
            out.append(i == 0 ? "" : ",");
            write(tensor, data, depth + 1, out);
        }
        out.append(']');
    }

    private static Object element(DataType type, ByteBuffer data) {
        return switch (type) {
            case FP32 -> data.getFloat();
            case FP64 -> data.getDouble();
            case INT32 -> data.getInt();
            case INT64 -> data.getLong();
            case BOOL -> data.get() != 0;
            default -> throw new IllegalArgumentException("tensors of type " + type);
        };
    }

    /**
     * The largest difference of two elements in the same place; infinite when names, types or
     * shapes differ.
     */
    static double difference(List<Tensor> some, List<Tensor> others) {
        if (some.size() != others.size()) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        for (int i = 0; i < some.size(); i++) {
            worst = Math.max(worst, difference(some.get(i), others.get(i)));
        }
        return worst;
    }

    private static double difference(Tensor one, Tensor other) {
        if (!one.name().equals(other.name())
                || one.type() != other.type()
                || !one.shape().equals(other.shape())) {
            return Double.POSITIVE_INFINITY;
        }
        ByteBuffer left = one.buffer();
        ByteBuffer right = other.buffer();
        double worst = 0;
        while (left.hasRemaining()) {
            double distance = Math.abs(number(one.type(), left) - number(one.type(), right));
            worst = Math.max(worst, distance); // NaN stays NaN, and no tolerance allows it
        }
        return worst;
    }

    private static double number(DataType type, ByteBuffer data) {
        return switch (element(type, data)) {
            case Number number -> number.doubleValue();
            case Boolean truth -> truth ? 1 : 0;
            case Object other -> throw new IllegalStateException(other.toString());
        };
    }

    /** The largest difference of a tensor and the nested lists that a command printed of it. */
    static double difference(Tensor tensor, JsonNode lists) {
        ByteBuffer data = tensor.buffer();
        double worst = compare(tensor, data, lists);
        return data.hasRemaining() ? Double.POSITIVE_INFINITY : worst;
    }

    private static double compare(Tensor tensor, ByteBuffer data, JsonNode lists) {
        if (!lists.isArray()) {
            return Math.abs(number(tensor.type(), data) - lists.asDouble());
        }
        double worst = 0;
        for (JsonNode part : lists) {
            worst = Math.max(worst, compare(tensor, data, part));
        }
        return worst;
    }
}
