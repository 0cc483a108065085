package dev.strongroom.serving.engine;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import ai.onnxruntime.OrtEnvironment;
import com.google.errorprone.annotations.Keep;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Overflow;
import dev.strongroom.enclave.memory.Protection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's CPU allocator for sessions that ask for the environment's: its blocks come from a
 * {@link LockedHeap}. The library's Java API has no allocators of one's own, so this is its C API
 * (onnxruntime_c_api.h, {@code OrtAllocator}), whose layout and order do not change between
 * versions.
 *
 * <p>Sessions over one heap share an allocator, which stays until the end of the process.
 * Thread-safe.
 */
// Calling C, and being called by it, is what this class is for.
@SuppressWarnings("restricted")
final class SessionAllocator {
    private static final Logger LOG = LoggerFactory.getLogger(SessionAllocator.class);

    /** Functions of later versions of the structure are not ours to offer. */
    private static final int STRUCT_VERSION = 17;

    private static final StructLayout ALLOCATOR =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("version"),
                    MemoryLayout.paddingLayout(4),
                    ADDRESS.withName("alloc"),
                    ADDRESS.withName("free"),
                    ADDRESS.withName("info"));

    private static final int MEMORY_FAULT_EXIT = 7;

    // By identity: a heap is no value.
    private static final IdentityHashMap<LockedHeap, SessionAllocator> MADE =
            new IdentityHashMap<>();

    // One for all of them: mappings are counted by the process.
    private static final Map<Protection, Overflow> OVERFLOWS = new EnumMap<>(Protection.class);

    private final LockedHeap heap;
    private final Overflow overflow;
    private final MemorySegment info;
    private final MemorySegment struct;

    private SessionAllocator(LockedHeap heap, Overflow overflow, MemorySegment info) {
        this.heap = heap;
        this.overflow = overflow;
        this.info = info;
        this.struct = Arena.global().allocate(ALLOCATOR);
        struct.set(JAVA_INT, 0, STRUCT_VERSION);
        set(struct, "alloc", stub("allocate"));
        set(struct, "free", stub("free"));
        set(struct, "info", stub("info"));
    }

    /** The one over a heap, as the C API has it. */
    static synchronized MemorySegment over(OrtEnvironment environment, LockedHeap heap) {
        return MADE.computeIfAbsent(
                        heap,
                        _ ->
                                new SessionAllocator(
                                        heap,
                                        OVERFLOWS.computeIfAbsent(heap.protection(), Overflow::new),
                                        describe(standard(environment))))
                .struct;
    }

    private static MemorySegment standard(OrtEnvironment environment) {
        return struct(OrtHandles.of(environment).defaultAllocator());
    }

    @Keep // called by ONNX Runtime
    private long allocate(long unusedSelf, long bytes) {
        try {
            if (bytes == 0) {
                return 0;
            }
            var block = heap.allocate(bytes);
            return block.isPresent() ? block.getAsLong() : overdraw(bytes);
        } catch (RuntimeException | Error e) {
            return halt(e);
        }
    }

    /** ONNX Runtime uses what it gets without looking: a null pointer would end the process. */
    private long overdraw(long bytes) {
        if (!Overdraft.draw(heap)) {
            throw new IllegalStateException(
                    "nobody's run wants %d bytes more than the heap has".formatted(bytes));
        }
        return overflow.allocate(bytes)
                .orElseThrow(() ->
                        new IllegalStateException(
                                "an operator wants %d bytes at once".formatted(bytes)));
    }

    @Keep // called by ONNX Runtime
    private long free(long unusedSelf, long block) {
        try {
            if (block != 0 && !overflow.free(block)) {
                heap.free(block);
            }
            return 0;
        } catch (RuntimeException | Error e) {
            return halt(e);
        }
    }

    @Keep // called by ONNX Runtime
    private long info(long unusedSelf, long unused) {
        return info.address();
    }

    /** No exception can pass through C, and who frees what he does not have has lost track. */
    private static long halt(Throwable fault) {
        LOG.error("memory.fault this process ends, so that no plaintext is misplaced", fault);
        Runtime.getRuntime().halt(MEMORY_FAULT_EXIT);
        return 0;
    }

    /** What ONNX Runtime calls its own CPU allocator: ours takes that one's place. */
    private static MemorySegment describe(MemorySegment standard) {
        var info = standard.get(ADDRESS, offset("info"));
        return MemorySegment.ofAddress(NativeFunction.call(info, standard.address()));
    }

    /** A C function that calls a method of this object. */
    private MemorySegment stub(String method) {
        try {
            MethodType type = MethodType.methodType(long.class, long.class, long.class);
            return NativeFunction.calling(MethodHandles.lookup().bind(this, method, type));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemorySegment struct(long address) {
        return MemorySegment.ofAddress(address).reinterpret(ALLOCATOR.byteSize());
    }

    private static void set(MemorySegment allocator, String member, MemorySegment stub) {
        allocator.set(ADDRESS, offset(member), stub);
    }

    private static long offset(String member) {
        return ALLOCATOR.byteOffset(PathElement.groupElement(member));
    }
}
