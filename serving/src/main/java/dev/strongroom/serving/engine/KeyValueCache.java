package dev.strongroom.serving.engine;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.serving.engine.DecoderSignature.Cache;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The keys and values of one sequence's tokens and the logits after its last one, in one block of
 * protected memory that was taken before the first token. Every run reads one half and writes the
 * other, since ONNX Runtime's operators do not grow a tensor in place.
 *
 * <p>Closing overwrites the block and gives it back; idempotent, and safe beside a run, which ends
 * first.
 */
public final class KeyValueCache implements AutoCloseable {
    private static final long ALIGNMENT = LockedHeap.ALIGNMENT_BYTES;

    private final DecoderSignature signature;
    private final LockedHeap heap;
    private final int capacity;
    private final long address;
    private final long halfBytes;
    private final Consumer<KeyValueCache> closed;
    private int length;
    private int half;
    private boolean open = true;

    private KeyValueCache(
            DecoderSignature signature,
            LockedHeap heap,
            int capacity,
            long address,
            Consumer<KeyValueCache> closed) {
        this.signature = signature;
        this.heap = heap;
        this.capacity = capacity;
        this.address = address;
        this.halfBytes = halfBytes(signature, capacity);
        this.closed = closed;
    }

    /**
     * Takes the memory.
     *
     * @param capacity tokens that it can hold
     * @param closed hears of its end
     * @return empty when the heap has not as much
     */
    static Optional<KeyValueCache> allocate(
            DecoderSignature signature,
            LockedHeap heap,
            int capacity,
            Consumer<KeyValueCache> closed) {
        OptionalLong address = heap.allocate(bytes(signature, capacity));
        return address.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new KeyValueCache(signature, heap, capacity, address.getAsLong(), closed));
    }

    /**
     * What a sequence of so many tokens takes.
     *
     * @throws ArithmeticException if that is more than there can be
     */
    static long bytes(DecoderSignature signature, int capacity) {
        long logits = (long) signature.vocabulary() * signature.logits().bytes();
        return Math.addExact(
                Math.multiplyExact(2, halfBytes(signature, capacity)), aligned(logits));
    }

    private static long halfBytes(DecoderSignature signature, int capacity) {
        long bytes = 0;
        for (Cache cache : signature.caches()) {
            bytes = Math.addExact(bytes, aligned(cache.bytes(capacity)));
        }
        return bytes;
    }

    private static long aligned(long bytes) {
        return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Tokens in it. */
    public synchronized int length() {
        return length;
    }

    int capacity() {
        return capacity;
    }

    boolean isOpen() {
        return open;
    }

    /** What is known of earlier tokens. */
    ByteBuffer past(int cache) {
        return part(half, cache, length);
    }

    /** Where a run writes what is known of the earlier and the {@code added} tokens. */
    ByteBuffer present(int cache, int added) {
        return part(1 - half, cache, length + added);
    }

    /** Where a run of one token writes its logits. */
    ByteBuffer logits() {
        return memory(2 * halfBytes, (long) signature.vocabulary() * signature.logits().bytes());
    }

    /** A run has written as many tokens. */
    void grow(int added) {
        length += added;
        half = 1 - half;
    }

    private ByteBuffer part(int ofHalf, int cache, int tokens) {
        long at = ofHalf * halfBytes;
        for (Cache before : signature.caches().subList(0, cache)) {
            at += aligned(before.bytes(capacity));
        }
        return memory(at, signature.caches().get(cache).bytes(tokens));
    }

    // The block is this cache's own until it is closed.
    @SuppressWarnings("restricted")
    private ByteBuffer memory(long at, long bytes) {
        return MemorySegment.ofAddress(address + at).reinterpret(bytes).asByteBuffer();
    }

    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            heap.free(address);
            closed.accept(this);
        }
    }
}
