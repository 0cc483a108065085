package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A transformer of two layers with random weights, with the inputs and outputs that Hugging Face's
 * optimum gives to decoders.
 */
public final class TinyDecoder {
    public static final int VOCABULARY = 61;
    public static final int CONTEXT = 256;
    static final int LAYERS = 2;
    static final int HEADS = 2;
    static final int WIDTH = 8;
    private static final int HIDDEN = HEADS * WIDTH;

    private final Random random = new Random(11); // these weights repeat themselves late
    private final OnnxModel graph = new OnnxModel();
    private final Form form;

    /** How it is told of a past. */
    private enum Form {
        EMPTY_OR_NOT,
        MERGED
    }

    private TinyDecoder(Form form) {
        this.form = form;
    }

    /** The model. */
    public static byte[] bytes() {
        return new TinyDecoder(Form.EMPTY_OR_NOT).build().bytes();
    }

    /** The same, of a branch that looks at no past and one that does. */
    public static byte[] merged() {
        return new TinyDecoder(Form.MERGED).build().bytes();
    }

    /** What it takes in the caches for each token. */
    public static long tokenBytes() {
        return 2L * LAYERS * HIDDEN * Float.BYTES;
    }

    /**
     * The best tokens after a prompt, by a plain session that reads everything anew for each of
     * them.
     */
    public static List<Integer> plainly(int[] prompt, int tokens) throws OrtException {
        var environment = OrtEnvironment.getEnvironment();
        List<Integer> sequence = new ArrayList<>();
        for (int token : prompt) {
            sequence.add(token);
        }
        try (var session = environment.createSession(bytes())) {
            for (int i = 0; i < tokens; i++) {
                sequence.add(best(environment, session, sequence));
            }
        }
        return sequence.subList(prompt.length, sequence.size());
    }

    private static int best(OrtEnvironment environment, OrtSession session, List<Integer> sequence)
            throws OrtException {
        int length = sequence.size();
        var ids = LongBuffer.allocate(length);
        var ones = LongBuffer.allocate(length);
        var positions = LongBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            ids.put(sequence.get(i));
            ones.put(1);
            positions.put(i);
        }
        long[] shape = {1, length};
        Map<String, OnnxTensor> inputs = new HashMap<>();
        inputs.put("input_ids", OnnxTensor.createTensor(environment, ids.flip(), shape));
        inputs.put("attention_mask", OnnxTensor.createTensor(environment, ones.flip(), shape));
        inputs.put("position_ids", OnnxTensor.createTensor(environment, positions.flip(), shape));
        for (int layer = 0; layer < LAYERS; layer++) {
            for (String part : List.of("key", "value")) {
                inputs.put(
                        "past_key_values." + layer + "." + part,
                        OnnxTensor.createTensor(
                                environment,
                                FloatBuffer.allocate(0),
                                new long[] {1, HEADS, 0, WIDTH}));
            }
        }
        try (var result = session.run(inputs)) {
            float[][][] logits = (float[][][]) result.get("logits").orElseThrow().getValue();
            float[] last = logits[0][length - 1];
            int best = 0;
            for (int token = 0; token < last.length; token++) {
                best = last[token] > last[best] ? token : best;
            }
            return best;
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxModel build() {
        graph.input("input_ids", OnnxModel.INT64, -1, -1)
                .input("attention_mask", OnnxModel.INT64, -1, -1)
                .input("position_ids", OnnxModel.INT64, -1, -1)
                .output("logits", OnnxModel.FLOAT, -1, -1, VOCABULARY);
        if (form == Form.MERGED) {
            graph.input("use_cache_branch", OnnxModel.BOOL, 1);
        }
        weights("embedding", VOCABULARY, HIDDEN);
        weights("places", CONTEXT, HIDDEN);
        longs("split", 0, 0, HEADS, WIDTH);
        longs("whole", 0, 0, HIDDEN);
        scalar("zero", 0);
        scalar("one", 1);
        floats("scale", 0.35f);
        floats("never", -1e9f);
        node("Gather", "words", "embedding", "input_ids");
        node("Gather", "where", "places", "position_ids");
        node("Add", "x0", "words", "where");
        causality();
        for (int layer = 0; layer < LAYERS; layer++) {
            layer(layer);
        }
        weights("head", HIDDEN, VOCABULARY);
        node("MatMul", "logits", "x" + LAYERS, "head");
        return graph;
    }

    /** True where a token of the row may look at one of the column. */
    private void causality() {
        node("Shape", "masked", "attention_mask");
        node("Gather", "length", "masked", "one");
        node("Range", "columns", "zero", "length", "one");
        longs("axes", 1, 3);
        node("Unsqueeze", "rows", "position_ids", "axes");
        node("LessOrEqual", "earlier", "columns", "rows");
    }

    private void layer(int layer) {
        String x = "x" + layer;
        for (String each : List.of("q", "k", "v")) {
            weights(each + "w" + layer, HIDDEN, HIDDEN);
            node("MatMul", each + "m" + layer, x, each + "w" + layer);
            node("Reshape", each + "r" + layer, each + "m" + layer, "split");
            turned(each + layer, each + "r" + layer, 0, 2, 1, 3);
        }
        String keys = kept(layer, "key", "k" + layer);
        String values = kept(layer, "value", "v" + layer);
        turned("kt" + layer, keys, 0, 1, 3, 2);
        node("MatMul", "s" + layer, "q" + layer, "kt" + layer);
        node("Mul", "ss" + layer, "s" + layer, "scale");
        node("Where", "sm" + layer, "earlier", "ss" + layer, "never");
        node("Softmax", "p" + layer, "sm" + layer);
        node("MatMul", "a" + layer, "p" + layer, values);
        turned("at" + layer, "a" + layer, 0, 2, 1, 3);
        node("Reshape", "ar" + layer, "at" + layer, "whole");
        weights("ow" + layer, HIDDEN, HIDDEN);
        node("MatMul", "o" + layer, "ar" + layer, "ow" + layer);
        node("Add", "r" + layer, x, "o" + layer);
        weights("fw" + layer, HIDDEN, HIDDEN);
        node("MatMul", "f" + layer, "r" + layer, "fw" + layer);
        node("Tanh", "ft" + layer, "f" + layer);
        node("Add", "x" + (layer + 1), "r" + layer, "ft" + layer);
    }

    private String kept(int layer, String part, String added) {
        String past = "past_key_values." + layer + "." + part;
        String present = "present." + layer + "." + part;
        graph.input(past, OnnxModel.FLOAT, -1, HEADS, -1, WIDTH)
                .output(present, OnnxModel.FLOAT, -1, HEADS, -1, WIDTH);
        switch (form) {
            case EMPTY_OR_NOT -> joined(graph, past, added, present);
            case MERGED ->
                    graph.node(
                            "If",
                            List.of("use_cache_branch"),
                            List.of(present),
                            OnnxModel.graphAttribute(
                                    "then_branch",
                                    joined(branch("with"), past, added, "with").graphBytes()),
                            OnnxModel.graphAttribute(
                                    "else_branch",
                                    branch("without")
                                            .node("Identity", List.of(added), List.of("without"))
                                            .graphBytes()));
        }
        return present;
    }

    private static OnnxModel branch(String output) {
        return new OnnxModel().output(output, OnnxModel.FLOAT, -1, HEADS, -1, WIDTH);
    }

    private static OnnxModel joined(OnnxModel in, String past, String added, String to) {
        return in.node(
                "Concat", List.of(past, added), List.of(to), OnnxModel.intAttribute("axis", 2));
    }

    private void node(String operator, String to, String... from) {
        graph.node(operator, List.of(from), List.of(to));
    }

    private void turned(String to, String from, long... order) {
        graph.node("Transpose", List.of(from), List.of(to), OnnxModel.intsAttribute("perm", order));
    }

    private void weights(String name, int rows, int columns) {
        var raw = ByteBuffer.allocate(rows * columns * 4).order(ByteOrder.LITTLE_ENDIAN);
        while (raw.hasRemaining()) {
            raw.putFloat((float) (random.nextGaussian() / Math.sqrt(8)));
        }
        graph.inline(name, OnnxModel.FLOAT, raw.array(), rows, columns);
    }

    private void floats(String name, float value) {
        var raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
        graph.inline(name, OnnxModel.FLOAT, raw.array());
    }

    private void scalar(String name, long value) {
        graph.inline(name, OnnxModel.INT64, raw(value));
    }

    private void longs(String name, long... values) {
        graph.inline(name, OnnxModel.INT64, raw(values), values.length);
    }

    private static byte[] raw(long... values) {
        var raw = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return raw.array();
    }
}
