package dev.strongroom.serving.engine;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

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
    private final MemorySegment environment;

    /** Makes a session. */
    @FunctionalInterface
    interface Making<T> {
        T make() throws OrtException, UnservableModelException;
    }

    private SharedAllocators(OrtHandles handles) {
        this.api = MemorySegment.ofAddress(handles.api()).reinterpret(API_BYTES);
        this.environment = MemorySegment.ofAddress(handles.environment());
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
        return of(environment)
                .during(
                        allocators ->
                                allocators.require(
                                        allocators.call(
                                                REGISTER, allocators.environment, allocator)),
                        session);
    }

    private static SharedAllocators of(OrtEnvironment environment) {
        return new SharedAllocators(OrtHandles.of(environment));
    }

    /** Registers one, which is to be unregistered in any case. */
    @FunctionalInterface
    private interface Registering {
        void register(SharedAllocators allocators) throws Throwable;
    }

    private <T> T during(Registering registering, Making<T> session)
            throws OrtException, UnservableModelException {
        synchronized (SharedAllocators.class) {
            called(() -> registering.register(this));
            try {
                return session.make();
            } finally {
                called(this::unregister);
            }
        }
    }

    private void registerArena(long limitBytes) throws Throwable {
        try (var arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            require(
                    (MemorySegment)
                            function(
                                            CREATE_ARENA_CONFIGURATION,
                                            FunctionDescriptor.of(
                                                    ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT,
                                                    JAVA_INT, ADDRESS))
                                    .invokeExact(limitBytes, DEFAULT, DEFAULT, DEFAULT, out));
            MemorySegment configuration = out.get(ADDRESS, 0);
            MemorySegment info = memoryInfo(arena);
            try {
                require(
                        (MemorySegment)
                                function(
                                                CREATE_AND_REGISTER,
                                                FunctionDescriptor.of(
                                                        ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                                        .invokeExact(environment, info, configuration));
            } finally {
                release(RELEASE_ARENA_CONFIGURATION, configuration);
                release(RELEASE_MEMORY_INFO, info);
            }
        }
    }

    private void unregister() throws Throwable {
        try (var arena = Arena.ofConfined()) {
            MemorySegment info = memoryInfo(arena);
            try {
                require(call(UNREGISTER, environment, info));
            } finally {
                release(RELEASE_MEMORY_INFO, info);
            }
        }
    }

    private MemorySegment memoryInfo(Arena arena) throws Throwable {
        MemorySegment out = arena.allocate(ADDRESS);
        require(
                (MemorySegment)
                        function(
                                        CREATE_CPU_MEMORY_INFO,
                                        FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT, ADDRESS))
                                .invokeExact(ARENA_ALLOCATOR, DEFAULT_MEMORY, out));
        return out.get(ADDRESS, 0);
    }

    private MemorySegment call(int place, MemorySegment one, MemorySegment other) throws Throwable {
        return (MemorySegment)
                function(place, FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(one, other);
    }

    private void release(int place, MemorySegment what) throws Throwable {
        function(place, FunctionDescriptor.ofVoid(ADDRESS)).invokeExact(what);
    }

    private void require(MemorySegment status) throws Throwable {
        if (status.equals(MemorySegment.NULL)) {
            return;
        }
        var text =
                (MemorySegment)
                        function(GET_ERROR_MESSAGE, FunctionDescriptor.of(ADDRESS, ADDRESS))
                                .invokeExact(status);
        String message = text.reinterpret(4096).getString(0);
        release(RELEASE_STATUS, status);
        throw new IllegalStateException("ONNX Runtime refused: " + message);
    }

    private MethodHandle function(int place, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(api.getAtIndex(ADDRESS, place), descriptor);
    }

    /** A call of C. */
    @FunctionalInterface
    private interface Call {
        void run() throws Throwable;
    }

    private static void called(Call call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }
}
