package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * Linux memory and process calls by the foreign function interface. Constants are those of the
 * generic kernel headers (x86-64 and arm64 agree on all of them).
 *
 * <p>Thread-safe.
 */
// Calling C is what this class is for.
@SuppressWarnings("restricted")
public final class Libc {
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_DONTFORK = 10;
    public static final int MADV_UNMERGEABLE = 13;
    public static final int MADV_HUGEPAGE = 14;
    public static final int MADV_DONTDUMP = 16;
    public static final int MADV_WIPEONFORK = 18;

    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE_ANONYMOUS = 2 | 0x20;
    private static final int MAP_SHARED = 1;
    private static final int MAP_FIXED = 0x10;
    private static final int MFD_CLOEXEC = 1;
    private static final int MLOCK_ONFAULT = 1;
    private static final long SYS_MEMFD_SECRET = 447;
    private static final int O_CLOEXEC = 0x80000;
    private static final long MAP_FAILED = -1;
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int RLIMIT_CORE = 4;
    private static final int CLOCK_BOOTTIME = 7;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int MCL_CURRENT_FUTURE_ONFAULT = 1 | 2 | 4;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(PathElement.groupElement("errno"));
    private static final MemoryLayout RLIMIT = MemoryLayout.sequenceLayout(2, JAVA_LONG);

    private static final MethodHandle MMAP =
            bind("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = bind("munmap", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle MLOCK2 =
            bind("mlock2", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MEMFD_CREATE =
            bind("memfd_create", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle FTRUNCATE = bind("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CLOSE = bind("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle MEMFD_SECRET =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));
    private static final MethodHandle MLOCKALL = bind("mlockall", JAVA_INT, JAVA_INT);
    private static final MethodHandle MADVISE =
            bind("madvise", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle PRCTL = bindPrctl();
    private static final MethodHandle SETRLIMIT = bind("setrlimit", JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle GETRLIMIT = bind("getrlimit", JAVA_INT, JAVA_INT, ADDRESS);
    // Every call of a node asks several times; it is over before a safepoint would wait for it.
    private static final MethodHandle CLOCK_GETTIME =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("clock_gettime"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS),
                    Linker.Option.critical(true));
    private static final MethodHandle GETENV =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("getenv"),
                    FunctionDescriptor.of(ADDRESS, ADDRESS));

    private Libc() {}

    /** Reserves private anonymous pages, readable and writable. Ends with {@link #munmap}. */
    public static long mmap(long bytes) throws LibcException {
        return mmap(0, bytes, MAP_PRIVATE_ANONYMOUS, -1);
    }

    /**
     * Reserves addresses of which each {@code unitBytes} are the same pages: whatever is written,
     * no more memory than that is used. Ends with {@link #munmap}.
     */
    public static long mmapRepeated(long units, long unitBytes) throws LibcException {
        return mmapRepeated(memfd(), units, unitBytes);
    }

    /** The same with pages that the kernel's own map lacks. */
    public static long mmapSecretRepeated(long units, long unitBytes) throws LibcException {
        return mmapRepeated(memfdSecret(), units, unitBytes);
    }

    private static long mmapRepeated(int file, long units, long unitBytes) throws LibcException {
        try {
            truncate(file, unitBytes);
            long start = mmap(units * unitBytes);
            try {
                for (long unit = 0; unit < units; unit++) {
                    mmap(start + unit * unitBytes, unitBytes, MAP_SHARED | MAP_FIXED, file);
                }
                return start;
            } catch (LibcException e) {
                munmap(start, units * unitBytes);
                throw e;
            }
        } finally {
            close(file);
        }
    }

    private static int memfd() throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            var name = arena.allocateFrom("strongroom");
            int file = (int) MEMFD_CREATE.invokeExact(state, name, MFD_CLOEXEC);
            if (file < 0) {
                throw new LibcException("memfd_create", errno(state));
            }
            return file;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * Reserves pages that the kernel itself no longer maps (memfd_secret): neither another process
     * nor root reads them through the kernel. They are locked from their first use on. Ends with
     * {@link #munmap}.
     */
    public static long mmapSecret(long bytes) throws LibcException {
        int file = memfdSecret();
        try {
            truncate(file, bytes);
            return mmap(0, bytes, MAP_SHARED, file);
        } finally {
            close(file); // the mapping holds the pages
        }
    }

    private static long mmap(long at, long bytes, int flags, int file) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            var address =
                    (MemorySegment)
                            MMAP.invokeExact(
                                    state,
                                    MemorySegment.ofAddress(at),
                                    bytes,
                                    PROT_READ_WRITE,
                                    flags,
                                    file,
                                    0L);
            if (address.address() == MAP_FAILED) {
                throw new LibcException("mmap", errno(state));
            }
            return address.address();
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static int memfdSecret() throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            long file = (long) MEMFD_SECRET.invokeExact(state, SYS_MEMFD_SECRET, O_CLOEXEC);
            if (file < 0) {
                throw new LibcException("memfd_secret", errno(state));
            }
            return (int) file;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static void truncate(int file, long bytes) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) FTRUNCATE.invokeExact(state, file, bytes);
            check("ftruncate", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static void close(int file) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) CLOSE.invokeExact(state, file);
            check("close", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static void munmap(long address, long bytes) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) MUNMAP.invokeExact(state, MemorySegment.ofAddress(address), bytes);
            check("munmap", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Keeps pages resident from their first use on: they never reach a swap device. */
    public static void mlock(long address, long bytes) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result =
                    (int)
                            MLOCK2.invokeExact(
                                    state, MemorySegment.ofAddress(address), bytes, MLOCK_ONFAULT);
            check("mlock2", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Locks every page this process has or will have, from its first use on. */
    public static void mlockAll() throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) MLOCKALL.invokeExact(state, MCL_CURRENT_FUTURE_ONFAULT);
            check("mlockall", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static void madvise(long address, long bytes, int advice) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result =
                    (int)
                            MADVISE.invokeExact(
                                    state, MemorySegment.ofAddress(address), bytes, advice);
            check("madvise(" + advice + ")", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Makes this process undumpable: no core, no ptrace by its own user, no /proc/PID/mem. */
    public static void forbidDumps() throws LibcException {
        prctl(PR_SET_DUMPABLE);
    }

    public static boolean dumpable() throws LibcException {
        return prctl(PR_GET_DUMPABLE) != 0;
    }

    /** Sets the soft and the hard limit of core files to 0 bytes. */
    public static void forbidCoreFiles() throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) SETRLIMIT.invokeExact(state, RLIMIT_CORE, arena.allocate(RLIMIT));
            check("setrlimit(RLIMIT_CORE)", result, state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The hard limit of core files in bytes; -1 is unlimited. */
    public static long coreFileLimit() throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            var limits = arena.allocate(RLIMIT);
            int result = (int) GETRLIMIT.invokeExact(state, RLIMIT_CORE, limits);
            check("getrlimit(RLIMIT_CORE)", result, state);
            return limits.getAtIndex(JAVA_LONG, 1);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** CLOCK_BOOTTIME in nanoseconds: monotonic, and goes on while the machine is suspended. */
    public static long bootNanos() throws LibcException {
        try {
            long[] time = new long[2];
            int result =
                    (int) CLOCK_GETTIME.invokeExact(CLOCK_BOOTTIME, MemorySegment.ofArray(time));
            if (result != 0) {
                throw new LibcException("clock_gettime", LibcException.EINVAL); // its only fault
            }
            return time[0] * NANOS_PER_SECOND + time[1];
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** What native code of this process sees; the JDK's own map is a copy made at its start. */
    public static Optional<String> getenv(String name) {
        try (var arena = Arena.ofConfined()) {
            var value = (MemorySegment) GETENV.invokeExact(arena.allocateFrom(name));
            return value.equals(MemorySegment.NULL)
                    ? Optional.empty()
                    : Optional.of(value.reinterpret(Long.MAX_VALUE).getString(0));
        } catch (Throwable t) {
            throw new IllegalStateException("getenv", t);
        }
    }

    private static int prctl(int option) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) PRCTL.invokeExact(state, option, 0L, 0L, 0L, 0L);
            if (result < 0) {
                throw new LibcException("prctl(" + option + ")", errno(state));
            }
            return result;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static MethodHandle bind(String name, ValueLayout result, ValueLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    /** {@code int prctl(int option, ...)}: everything after the option is variadic. */
    private static MethodHandle bindPrctl() {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("prctl"),
                FunctionDescriptor.of(
                        JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    private static void check(String call, int result, MemorySegment state) throws LibcException {
        if (result != 0) {
            throw new LibcException(call, errno(state));
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /** A method handle declares Throwable; only our own exception and errors can come out of it. */
    static LibcException rethrow(Throwable t) {
        return switch (t) {
            case LibcException failed -> failed;
            case Error error -> throw error;
            case RuntimeException bug -> throw bug;
            default -> throw new IllegalStateException(t);
        };
    }
}
