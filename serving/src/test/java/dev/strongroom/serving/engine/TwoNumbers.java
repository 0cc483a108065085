package dev.strongroom.serving.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Graphs that make of rows {@code x} of two numbers rows {@code y} of two numbers. */
public final class TwoNumbers {
    private TwoNumbers() {}

    /** Without a node yet. */
    public static OnnxModel net() {
        return new OnnxModel()
                .input("x", OnnxModel.FLOAT, -1, 2)
                .output("y", OnnxModel.FLOAT, -1, 2);
    }

    /** Each row for itself. */
    public static OnnxModel doubling() {
        return net().node("Add", List.of("x", "x"), List.of("y"));
    }

    /** No row without the others. */
    public static OnnxModel lessTheMean() {
        return net().node("ReduceMean", List.of("x"), List.of("mean"))
                .node("Sub", List.of("x", "mean"), List.of("y"));
    }

    /** Looks its numbers up in a table of four, and copies them. */
    public static OnnxModel lookingUp() {
        byte[] table = new byte[16];
        for (int i = 0; i < 4; i++) {
            ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putFloat(i * 4, i);
        }
        return net().inline("table", OnnxModel.FLOAT, table, 4)
                .node("Cast", List.of("x"), List.of("places"), OnnxModel.intAttribute("to", 7))
                .node("Gather", List.of("table", "places"), List.of("y"));
    }

    /** Doubles without end. */
    public static OnnxModel endless() {
        return repeating(net().inline("yes", OnnxModel.BOOL, new byte[] {1}), "", "yes");
    }

    /** Doubles as often as the largest number of its input says. */
    public static OnnxModel looping() {
        return repeating(
                net().node(
                                "ReduceMax",
                                List.of("x"),
                                List.of("most"),
                                OnnxModel.intAttribute("keepdims", 0))
                        .node(
                                "Cast",
                                List.of("most"),
                                List.of("times"),
                                OnnxModel.intAttribute("to", 7)),
                "times",
                "");
    }

    private static OnnxModel repeating(OnnxModel graph, String times, String condition) {
        byte[] body =
                new OnnxModel()
                        .input("i", OnnxModel.INT64)
                        .input("more", OnnxModel.BOOL)
                        .input("v", OnnxModel.FLOAT, -1, 2)
                        .output("again", OnnxModel.BOOL)
                        .output("w", OnnxModel.FLOAT, -1, 2)
                        .node("Identity", List.of("more"), List.of("again"))
                        .node("Add", List.of("v", "v"), List.of("w"))
                        .graphBytes();
        return graph.node(
                "Loop",
                List.of(times, condition, "x"),
                List.of("y"),
                OnnxModel.graphAttribute("body", body));
    }
}
