package dev.strongroom.enclave.load;

import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.posture.Fits;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Models in protected memory without a vault: what the opener would leave there. */
public final class LoadedModels {
    private LoadedModels() {}

    /** The first file is the graph. */
    public static LoadedModel of(Map<String, byte[]> files) {
        var ordered = new LinkedHashMap<>(files);
        long total = 0;
        List<LoadedModel.Placed> placed = new ArrayList<>();
        for (var file : ordered.entrySet()) {
            var named = new LoadedModel.File(file.getKey(), file.getValue().length);
            placed.add(new LoadedModel.Placed(named, total));
            total += SecretSegment.pageAligned(file.getValue().length);
        }
        try {
            var memory = SecretSegment.allocate(total, Protection.LOCKED, Fits.forTests());
            for (LoadedModel.Placed each : placed) {
                byte[] bytes = Objects.requireNonNull(ordered.get(each.file().name()));
                memory.fill(each.offset(), bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            }
            return new LoadedModel(memory, placed.getFirst().file().name(), placed);
        } catch (MemoryProtectionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A graph, and weights that are written straight into protected memory. */
    public static LoadedModel generated(
            byte[] graph, String weights, long weightBytes, Consumer<MemorySegment> writer) {
        return generated(Protection.LOCKED, graph, weights, weightBytes, writer);
    }

    /** The same in memory of either kind. */
    public static LoadedModel generated(
            Protection protection,
            byte[] graph,
            String weights,
            long weightBytes,
            Consumer<MemorySegment> writer) {
        long offset = SecretSegment.pageAligned(graph.length);
        try {
            var memory =
                    SecretSegment.allocate(
                            offset + SecretSegment.pageAligned(weightBytes),
                            protection,
                            Fits.forTests());
            memory.fill(0, graph.length).copyFrom(MemorySegment.ofArray(graph));
            writer.accept(memory.fill(offset, weightBytes));
            return new LoadedModel(
                    memory,
                    "model.onnx",
                    List.of(
                            new LoadedModel.Placed(
                                    new LoadedModel.File("model.onnx", graph.length), 0),
                            new LoadedModel.Placed(
                                    new LoadedModel.File(weights, weightBytes), offset)));
        } catch (MemoryProtectionException e) {
            throw new IllegalStateException(e);
        }
    }
}
