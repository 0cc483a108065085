package dev.strongroom.serving.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights are in memory once, in the protected region, whatever the session does with them. */
class OneCopyTest {
    private static final long ROWS = 1024;
    private static final long COLUMNS = 1024;
    private static final long WEIGHT_BYTES = ROWS * COLUMNS * 4;
    static final int WINDOW_BYTES = 48;
    static final List<Long> WINDOWS = List.of(0L, 1_000_000L, WEIGHT_BYTES - WINDOW_BYTES);

    @TempDir private Path scratch;

    @Test
    void aHundredRunsLeaveOneCopyOfTheWeights() throws Exception {
        var options = new EngineOptions(1, new Profile.SingleCopy(), scratch);
        try (var model = model();
                var engine = Engine.open(model, options);
                var memory = new OwnMemory()) {
            run(engine, 1, 100);
            var weights = model.view("weights.bin");
            for (long window : WINDOWS) {
                assertThat(memory.find(masked(window))).containsExactly(weights.address() + window);
            }
            try (var arena = Arena.ofConfined()) {
                var planted = arena.allocate(WINDOW_BYTES);
                planted.copyFrom(weights.asSlice(1_000_000, WINDOW_BYTES));
                assertThat(memory.find(masked(1_000_000L)))
                        .as("the scanner finds what is there")
                        .contains(planted.address());
                planted.fill((byte) 0);
            }
        }
    }

    @Test
    void theCopiesOfAFastSessionAreInProtectedMemoryAndGoWithIt() throws Exception {
        var heap = SessionHeap.shared();
        var options = new EngineOptions(1, new Profile.Fast(heap), scratch);
        try (var memory = new OwnMemory()) {
            try (var model = model();
                    var engine = Engine.open(model, options)) {
                run(engine, 4, 100);
                var weights = model.view("weights.bin");
                assertThat(heap.usedBytes()).isGreaterThanOrEqualTo(WEIGHT_BYTES);
                int copies = 0;
                for (long window : WINDOWS.subList(0, 2)) {
                    List<Long> found = new ArrayList<>(memory.find(masked(window)));
                    assertThat(found).contains(weights.address() + window);
                    found.remove(weights.address() + window);
                    assertThat(found).allMatch(heap::owns);
                    copies += found.size();
                }
                assertThat(copies).as("the session arranged the matrix anew").isPositive();
            }
            assertThat(heap.usedBytes()).isZero();
            assertThat(memory.find(masked(WINDOWS.getFirst()))).isEmpty();
        }
    }

    @Test
    void aRunThatNeedsMoreThanTheHeapHasFailsAlone() throws Exception {
        var options = new EngineOptions(1, new Profile.Fast(SessionHeap.shared()), scratch);
        try (var model = model();
                var engine = Engine.open(model, options)) {
            int rows = (int) (SessionHeap.LIMIT_BYTES / (COLUMNS * 4));
            assertThatThrownBy(() -> run(engine, rows, 1)).isInstanceOf(InferenceException.class);
            run(engine, 1, 1);
        }
    }

    @Test
    void threadsOfARunOfAFastSessionLeaveNoPartOfTheWeightsOnTheirStacks() throws Exception {
        var heap = SessionHeap.shared();
        var options = new EngineOptions(2, new Profile.Fast(heap), scratch);
        try (var model = model();
                var engine = Engine.open(model, options);
                var memory = new OwnMemory()) {
            run(engine, 64, 20);
            var weights = model.view("weights.bin");
            for (long window : WINDOWS) {
                assertThat(memory.find(masked(window)))
                        .contains(weights.address() + window)
                        .allMatch(at -> at == weights.address() + window || heap.owns(at));
            }
        }
    }

    @Test
    void aRunOfSeveralThreadsThatNeedsMoreThanTheHeapHasFailsAlone() throws Exception {
        var options = new EngineOptions(2, new Profile.Fast(SessionHeap.shared()), scratch);
        try (var model = model();
                var engine = Engine.open(model, options)) {
            int rows = (int) (SessionHeap.LIMIT_BYTES / (COLUMNS * 4));
            assertThatThrownBy(() -> run(engine, rows, 1)).isInstanceOf(InferenceException.class);
            run(engine, 1, 1);
        }
    }

    @Test
    void weightsInSecretMemoryAreReadableToNobodyElse() throws Exception {
        var options = new EngineOptions(1, new Profile.SingleCopy(), scratch);
        try (var model = model(Protection.SECRET);
                var engine = Engine.open(model, options);
                var memory = new OwnMemory()) {
            run(engine, 1, 3);
            assertThat(memory.find(masked(WINDOWS.getFirst()))).isEmpty();
        }
    }

    @Test
    void theCopiesOfAFastSessionInSecretMemoryAreReadableToNobodyElse() throws Exception {
        Path said = scratch.resolve("said.txt");
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SecretSessionProcess.class.getName(),
                                scratch.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertThat(process.waitFor()).as(Files.readString(said)).isZero();
        var word = Pattern.compile("copies=(\\d+) readable=0 control=1\nafterwards=0\n");
        Matcher matcher = word.matcher(Files.readString(said));
        assertThat(matcher.find()).as(Files.readString(said)).isTrue();
        assertThat(Long.parseLong(matcher.group(1)))
                .as("the session arranged the matrix anew")
                .isGreaterThanOrEqualTo(WEIGHT_BYTES);
    }

    private static LoadedModel model() {
        return model(Protection.LOCKED);
    }

    static LoadedModel model(Protection protection) {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, ROWS)
                        .output("y", OnnxModel.FLOAT, -1, COLUMNS)
                        .external(
                                "w",
                                OnnxModel.FLOAT,
                                "weights.bin",
                                "0",
                                Long.toString(WEIGHT_BYTES),
                                ROWS,
                                COLUMNS)
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .bytes();
        return LoadedModels.generated(
                protection, graph, "weights.bin", WEIGHT_BYTES, OneCopyTest::fill);
    }

    static void run(Engine engine, int rows, int times) throws InferenceException {
        var x = ByteBuffer.allocate(rows * (int) ROWS * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < rows * ROWS; i++) {
            x.putFloat(i);
        }
        var input =
                new Tensor(
                        "x", ElementType.FP32, List.of((long) rows, ROWS), new Numbers(x.flip()));
        for (int i = 0; i < times; i++) {
            engine.run(List.of(input), Set.of("y"));
        }
    }

    /** Weights straight into native memory: no array of them ever exists. */
    private static void fill(MemorySegment memory) {
        for (long at = 0; at < memory.byteSize(); at += Float.BYTES) {
            memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, weight(at / Float.BYTES));
        }
    }

    private static float weight(long index) {
        long x = (index + 1) * 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        return ((x >>> 40) & 0xffffff) / (float) 0x1000000 - 0.5f;
    }

    /** What to look for, complemented, so that the needle itself is not found. */
    static byte[] masked(long offset) {
        var window = ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < WINDOW_BYTES / Float.BYTES; i++) {
            window.putInt(~Float.floatToRawIntBits(weight(offset / Float.BYTES + i)));
        }
        return window.array();
    }
}
