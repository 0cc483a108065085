package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.serving.engine.DecoderSignature.Cache;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Runs a decoder over one sequence's tokens at a time, a few with each run, and keeps what it knows
 * of earlier ones in that sequence's {@link KeyValueCache}.
 *
 * <p>Thread-safe; runs over one cache are for one thread at a time.
 */
public final class Decoder {
    private static final int BF16_SHIFT = 16;

    private final Engine engine;
    private final DecoderSignature signature;
    private final Set<KeyValueCache> caches = ConcurrentHashMap.newKeySet();

    Decoder(Engine engine, DecoderSignature signature) {
        this.engine = engine;
        this.signature = signature;
    }

    public DecoderSignature signature() {
        return signature;
    }

    /** What a sequence of so many tokens takes of a heap, at most {@link Long#MAX_VALUE}. */
    public long cacheBytes(int tokens) {
        try {
            return KeyValueCache.bytes(signature, tokens);
        } catch (ArithmeticException tooMany) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Takes memory for one sequence. The caller closes it; the engine does if it is closed before.
     *
     * @param tokens that the sequence can have at most
     * @return empty when the heap has not as much left
     */
    public Optional<KeyValueCache> cache(LockedHeap heap, int tokens) {
        if (cacheBytes(tokens) == Long.MAX_VALUE || largest(tokens) > Integer.MAX_VALUE) {
            return Optional.empty();
        }
        Optional<KeyValueCache> cache =
                KeyValueCache.allocate(signature, heap, tokens, caches::remove);
        cache.ifPresent(caches::add);
        return cache;
    }

    private long largest(int tokens) {
        return signature.caches().stream().mapToLong(cache -> cache.bytes(tokens)).max().orElse(0);
    }

    /** Reads tokens, as those of a prompt but its last one. */
    public void read(KeyValueCache cache, int[] tokens, BooleanSupplier over)
            throws InferenceException {
        run(cache, tokens, false, over);
    }

    /**
     * Reads one token.
     *
     * @return what the model gives for each token of its vocabulary to come next
     */
    public float[] next(KeyValueCache cache, int token, BooleanSupplier over)
            throws InferenceException {
        return run(cache, new int[] {token}, true, over);
    }

    /** Overwrites what is kept of every sequence. When nothing runs any more. */
    void closeCaches() {
        caches.forEach(KeyValueCache::close);
    }

    private float[] run(KeyValueCache cache, int[] tokens, boolean wanted, BooleanSupplier over)
            throws InferenceException {
        return engine.use(
                over,
                use -> {
                    synchronized (cache) {
                        requireOpen(cache);
                        return step(use, cache, tokens, wanted);
                    }
                });
    }

    private static void requireOpen(KeyValueCache cache) throws InferenceException {
        if (!cache.isOpen()) {
            throw new InferenceException(
                    InferenceException.Fault.CLOSED, "what was kept of the sequence is gone");
        }
    }

    private float[] step(Use use, KeyValueCache cache, int[] tokens, boolean wanted)
            throws OrtException, InferenceException {
        int before = cache.length();
        int after = before + tokens.length;
        if (after > cache.capacity()) {
            throw new IllegalArgumentException("more tokens than the cache was made for");
        }
        Map<String, OnnxTensor> given = new HashMap<>(ids(use, tokens, before));
        Map<String, OnnxTensor> written = new HashMap<>();
        for (int i = 0; i < signature.caches().size(); i++) {
            Cache each = signature.caches().get(i);
            given.put(
                    each.past(), use.memory().over(each.type(), each.shape(before), cache.past(i)));
            written.put(
                    each.present(),
                    use.memory()
                            .over(each.type(), each.shape(after), cache.present(i, tokens.length)));
        }
        if (wanted) {
            List<Long> shape = List.of(1L, 1L, (long) signature.vocabulary());
            written.put(
                    DecoderSignature.LOGITS,
                    use.memory().over(signature.logits(), shape, cache.logits()));
        }
        use.runInto(given, written);
        cache.grow(tokens.length);
        return wanted ? floats(signature.logits(), cache.logits()) : new float[0];
    }

    private Map<String, OnnxTensor> ids(Use use, int[] tokens, int before) throws OrtException {
        int after = before + tokens.length;
        var ids = new long[tokens.length];
        var positions = new long[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            ids[i] = tokens[i];
            positions[i] = (long) before + i;
        }
        Map<String, OnnxTensor> given = new HashMap<>();
        given.put(DecoderSignature.IDS, use.memory().place(row(DecoderSignature.IDS, ids)));
        if (signature.masked()) {
            var all = new long[after];
            Arrays.fill(all, 1);
            given.put(DecoderSignature.MASK, use.memory().place(row(DecoderSignature.MASK, all)));
        }
        if (signature.merged()) {
            given.put(DecoderSignature.BRANCH, use.memory().place(branch(before > 0)));
        }
        if (signature.positioned()) {
            given.put(
                    DecoderSignature.POSITIONS,
                    use.memory().place(row(DecoderSignature.POSITIONS, positions)));
        }
        return given;
    }

    private static Tensor branch(boolean past) {
        var bytes = ByteBuffer.wrap(new byte[] {(byte) (past ? 1 : 0)});
        return new Tensor(
                DecoderSignature.BRANCH, ElementType.BOOL, List.of(1L), new Numbers(bytes));
    }

    private static Tensor row(String name, long[] values) {
        var bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return new Tensor(
                name, ElementType.INT64, List.of(1L, (long) values.length), new Numbers(bytes));
    }

    private static float[] floats(ElementType type, ByteBuffer memory) {
        ByteBuffer numbers = memory.order(ByteOrder.LITTLE_ENDIAN);
        var values = new float[numbers.remaining() / type.bytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (type) {
                        case FP16 -> Float.float16ToFloat(numbers.getShort());
                        case BF16 -> Float.intBitsToFloat(numbers.getShort() << BF16_SHIFT);
                        default -> numbers.getFloat();
                    };
        }
        return values;
    }
}
