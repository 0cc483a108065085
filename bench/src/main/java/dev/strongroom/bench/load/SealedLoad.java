package dev.strongroom.bench.load;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.VersionOnDisk;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.AssumedFit;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.TensorSignature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A sealed model as a node opens it once it holds the key, until its first answer. */
final class SealedLoad {
    private static final long HEAP_LIMIT_BYTES = 8L << 30;
    private static final long FREE_SIZE = 8;
    private static final int THREADS = 2;

    private final Path scratch;
    private final LockedHeap heap =
            new LockedHeap(HEAP_LIMIT_BYTES, Protection.LOCKED, AssumedFit.forMeasurements());

    /**
     * @param scratch for the session's placeholder
     */
    SealedLoad(Path scratch) {
        this.scratch = scratch;
    }

    double singleCopy(VersionOnDisk version, Protection protection) throws Exception {
        return millis(version, new Profile.SingleCopy(), protection);
    }

    double fast(VersionOnDisk version) throws Exception {
        double millis = millis(version, new Profile.Fast(heap), Protection.LOCKED);
        heap.trim();
        return millis;
    }

    private double millis(VersionOnDisk version, Profile profile, Protection protection)
            throws Exception {
        long start = System.nanoTime();
        Thread library = Thread.ofPlatform().start(Engine::warmUp); // as a node does at its start
        try (var model = version.open(protection, THREADS);
                var engine = open(model, profile, library)) {
            var output = engine.outputs().getFirst().name();
            engine.run(inputs(engine), Set.of(output));
            return (System.nanoTime() - start) / 1e6;
        }
    }

    private Engine open(LoadedModel model, Profile profile, Thread library) throws Exception {
        library.join();
        return Engine.open(model, new EngineOptions(1, profile, scratch));
    }

    private static List<Tensor> inputs(Engine engine) {
        return engine.inputs().stream().map(SealedLoad::tensor).toList();
    }

    private static Tensor tensor(TensorSignature input) {
        List<Long> shape = new ArrayList<>();
        long elements = 1;
        for (long size : input.shape()) {
            long given = size > 0 ? size : shape.isEmpty() ? 1 : FREE_SIZE;
            shape.add(given);
            elements = Math.multiplyExact(elements, given);
        }
        var bytes =
                ByteBuffer.allocate(Math.toIntExact(elements * input.type().bytes()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        while (input.type() == ElementType.INT64 && bytes.hasRemaining()) {
            bytes.putLong(1);
        }
        return new Tensor(input.name(), input.type(), shape, new Numbers(bytes.clear()));
    }
}
