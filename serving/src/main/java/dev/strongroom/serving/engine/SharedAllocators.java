package dev.strongroom.serving.engine;

import static java.lang.foreign.ValueLayout.ADDRESS;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * What allocator the sessions of ONNX Runtime's environment share that ask for one: the environment
 * has one at most, and a session keeps the one that was there when it was made. So each is there
 * only while its session is made, and belongs to it afterwards. The library's Java API has nothing
 * of this; the places of the C API's functions do not change between versions.
 *
 * <p>Thread-safe: one session is made at a time.
 */
// Calling C is what this class is for.
@SuppressWarnings("restricted")
final class SharedAllocators {
    private static final int GET_ERROR_MESSAGE = 2; // places in the table of functions
    private static final int CREATE_CPU_MEMORY_INFO = 69;
    private static final int RELEASE_STATUS = 93;
    private static final int RELEASE_MEMORY_INFO = 94;
    private static final int CREATE_AND_REGISTER = 144;
    private static final int CREATE_ARENA_CONFIGURATION = 156;
    private static final int RELEASE_ARENA_CONFIGURATION = 157;
    private static final int REGISTER = 176;
    private static final int UNREGISTER = 177;
    private static final long API_BYTES = (UNREGISTER + 1) * ADDRESS.byteSize();

    private static final int ARENA_ALLOCATOR = 1;
    private static final int DEFAULT_MEMORY = 0;
    private static final int DEFAULT = -1; // of an arena's configuration

    private final MemorySegment api;
    private final long environment;

    /** Makes a session. */
    @FunctionalInterface
    interface Making<T> {
        T make() throws OrtException, UnservableModelException;
    }

    private SharedAllocators(OrtHandles handles) {
        this.api = MemorySegment.ofAddress(handles.api()).reinterpret(API_BYTES);
        this.environment = handles.environment();
    }

    /**
     * Has a session made that allocates from an arena of its own.
     *
     * @param limitBytes of the arena; a run that wants more fails
     */
    static <T> T withArena(OrtEnvironment environment, long limitBytes, Making<T> session)
            throws OrtException, UnservableModelException {
        return of(environment).during(allocators -> allocators.registerArena(limitBytes), session);
    }

    /**
     * Has a session made that allocates from this.
     *
     * @param allocator a structure of the C API, which outlives the session
     */
    static <T> T with(OrtEnvironment environment, MemorySegment allocator, Making<T> session)
            throws OrtException, UnservableModelException {
        return of(environment).during(allocators -> allocators.register(allocator), session);
    }

    private static SharedAllocators of(OrtEnvironment environment) {
        return new SharedAllocators(OrtHandles.of(environment));
    }

    private <T> T during(Consumer<SharedAllocators> registering, Making<T> session)
            throws OrtException, UnservableModelException {
        synchronized (SharedAllocators.class) {
            registering.accept(this);
            try {
                return session.make();
            } finally {
                unregister();
            }
        }
    }

    private void registerArena(long limitBytes) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            require(
                    call(
                            CREATE_ARENA_CONFIGURATION,
                            limitBytes,
                            DEFAULT,
                            DEFAULT,
                            DEFAULT,
                            out.address()));
            long configuration = out.get(ADDRESS, 0).address();
            long info = memoryInfo(arena);
            try {
                require(call(CREATE_AND_REGISTER, environment, info, configuration));
            } finally {
                call(RELEASE_ARENA_CONFIGURATION, configuration);
                call(RELEASE_MEMORY_INFO, info);
            }
        }
    }

    private void register(MemorySegment allocator) {
        require(call(REGISTER, environment, allocator.address()));
    }

    private void unregister() {
        try (var arena = Arena.ofConfined()) {
            long info = memoryInfo(arena);
            try {
                require(call(UNREGISTER, environment, info));
            } finally {
                call(RELEASE_MEMORY_INFO, info);
            }
        }
    }

    private long memoryInfo(Arena arena) {
        MemorySegment out = arena.allocate(ADDRESS);
        require(call(CREATE_CPU_MEMORY_INFO, ARENA_ALLOCATOR, DEFAULT_MEMORY, out.address()));
        return out.get(ADDRESS, 0).address();
    }

    private void require(long status) {
        if (status == 0) {
            return;
        }
        var text = MemorySegment.ofAddress(call(GET_ERROR_MESSAGE, status));
        String message = text.reinterpret(4096).getString(0);
        call(RELEASE_STATUS, status);
        throw new IllegalStateException("ONNX Runtime refused: " + message);
    }

    private long call(int place, long... words) {
        return NativeFunction.call(api.getAtIndex(ADDRESS, place), words);
    }
}
