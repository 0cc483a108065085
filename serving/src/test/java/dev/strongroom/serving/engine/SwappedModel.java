package dev.strongroom.serving.engine;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A model whose answer begins with its number and whose other weights nobody else has.
 *
 * @param number below 2^24, so that a float holds it
 */
public record SwappedModel(int number, LoadedModel loaded, Engine engine) implements AutoCloseable {
    private static final long ROWS = 64;
    private static final long COLUMNS = 1024;
    private static final long BYTES = ROWS * COLUMNS * Float.BYTES; // 256 KiB
    private static final int WINDOW_BYTES = 48;
    private static final List<Long> WINDOWS =
            List.of(BYTES / 8, BYTES * 3 / 8, BYTES * 5 / 8, BYTES * 7 / 8);

    public static SwappedModel open(int number, Profile profile, Path scratch)
            throws UnservableModelException, IOException {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, ROWS)
                        .output("y", OnnxModel.FLOAT, -1, COLUMNS)
                        .external(
                                "w",
                                OnnxModel.FLOAT,
                                "weights.bin",
                                "0",
                                Long.toString(BYTES),
                                ROWS,
                                COLUMNS)
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .bytes();
        var loaded =
                LoadedModels.generated(graph, "weights.bin", BYTES, memory -> fill(memory, number));
        try {
            var engine = Engine.open(loaded, new EngineOptions(1, profile, scratch));
            return new SwappedModel(number, loaded, engine);
        } catch (UnservableModelException | IOException | RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    /** The number in the answer of whatever version this engine runs. */
    public static int ask(Engine engine) throws InferenceException {
        var x = ByteBuffer.allocate((int) ROWS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        x.putFloat(1).clear();
        var input = new Tensor("x", ElementType.FP32, List.of(1L, ROWS), new Numbers(x));
        var answer = engine.run(List.of(input), Set.of("y")).getFirst();
        var y = ((Numbers) answer.content()).bytes().order(ByteOrder.LITTLE_ENDIAN);
        return Math.round(y.getFloat(0));
    }

    /** Where in this process's memory weights of these models are; of each, four windows count. */
    public static List<Long> find(IntStream numbers) throws IOException {
        List<byte[]> windows =
                numbers.boxed()
                        .flatMap(number -> WINDOWS.stream().map(at -> masked(number, at)))
                        .toList();
        try (var memory = new OwnMemory()) {
            return memory.find(windows);
        }
    }

    @Override
    public void close() {
        engine.close();
        loaded.wipe();
    }

    private static void fill(MemorySegment memory, int number) {
        for (long at = 0; at < BYTES; at += Float.BYTES) {
            memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, weight(number, at));
        }
        memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, number);
    }

    private static float weight(int number, long at) {
        long x = (number * 0x1_0000_0000L + at + 1) * 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        return ((x >>> 40) & 0xffffff) / (float) 0x1000000 - 0.5f;
    }

    /** Complemented, so that the needle itself is not found. */
    private static byte[] masked(int number, long at) {
        var window = ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < WINDOW_BYTES; i += Float.BYTES) {
            window.putInt(~Float.floatToRawIntBits(weight(number, at + i)));
        }
        return window.array();
    }
}
