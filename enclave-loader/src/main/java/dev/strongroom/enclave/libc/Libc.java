package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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
    private static final long RLIMIT_BYTES = 2 * Long.BYTES; // soft, then hard
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int RLIMIT_CORE = 4;
    private static final int CLOCK_BOOTTIME = 7;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int MCL_CURRENT_FUTURE_ONFAULT = 1 | 2 | 4;

    private static final CFunction MMAP = CFunction.of("mmap");
    private static final CFunction MUNMAP = CFunction.of("munmap");
    private static final CFunction MLOCK2 = CFunction.of("mlock2");
    private static final CFunction MEMFD_CREATE = CFunction.of("memfd_create");
    private static final CFunction FTRUNCATE = CFunction.of("ftruncate");
    private static final CFunction CLOSE = CFunction.of("close");
    private static final CFunction SYSCALL = CFunction.variadic("syscall");
    private static final CFunction MLOCKALL = CFunction.of("mlockall");
    private static final CFunction MADVISE = CFunction.of("madvise");
    private static final CFunction PRCTL = CFunction.variadic("prctl");
    private static final CFunction SETRLIMIT = CFunction.of("setrlimit");
    private static final CFunction GETRLIMIT = CFunction.of("getrlimit");
    private static final CFunction GETENV = CFunction.of("getenv");

    // Every call of a node asks several times; it is over before a safepoint would wait for it.
    private static final MethodHandle CLOCK_GETTIME =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS),
                            Linker.Option.critical(true));

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
            return MEMFD_CREATE.call(arena.allocateFrom("strongroom").address(), MFD_CLOEXEC);
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
        return MMAP.word(at, bytes, PROT_READ_WRITE, flags, file, 0);
    }

    private static int memfdSecret() throws LibcException {
        return (int) SYSCALL.wordAs("memfd_secret", SYS_MEMFD_SECRET, O_CLOEXEC);
    }

    private static void truncate(int file, long bytes) throws LibcException {
        FTRUNCATE.call(file, bytes);
    }

    private static void close(int file) throws LibcException {
        CLOSE.call(file);
    }

    public static void munmap(long address, long bytes) throws LibcException {
        MUNMAP.call(address, bytes);
    }

    /** Keeps pages resident from their first use on: they never reach a swap device. */
    public static void mlock(long address, long bytes) throws LibcException {
        MLOCK2.call(address, bytes, MLOCK_ONFAULT);
    }

    /** Locks every page this process has or will have, from its first use on. */
    public static void mlockAll() throws LibcException {
        MLOCKALL.call(MCL_CURRENT_FUTURE_ONFAULT);
    }

    public static void madvise(long address, long bytes, int advice) throws LibcException {
        MADVISE.callAs("madvise(" + advice + ")", address, bytes, advice);
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
            long zeros = arena.allocate(RLIMIT_BYTES, Long.BYTES).address();
            SETRLIMIT.callAs("setrlimit(RLIMIT_CORE)", RLIMIT_CORE, zeros);
        }
    }

    /** The hard limit of core files in bytes; -1 is unlimited. */
    public static long coreFileLimit() throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var limits = arena.allocate(RLIMIT_BYTES, Long.BYTES);
            GETRLIMIT.callAs("getrlimit(RLIMIT_CORE)", RLIMIT_CORE, limits.address());
            return limits.getAtIndex(JAVA_LONG, 1);
        }
    }

    /** CLOCK_BOOTTIME in nanoseconds: monotonic, and goes on while the machine is suspended. */
    public static long bootNanos() throws LibcException {
        long[] time = new long[2];
        int result;
        try {
            result = (int) CLOCK_GETTIME.invokeExact(CLOCK_BOOTTIME, MemorySegment.ofArray(time));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("clock_gettime", t);
        }
        if (result != 0) {
            throw new LibcException("clock_gettime", LibcException.EINVAL); // its only fault
        }
        return time[0] * NANOS_PER_SECOND + time[1];
    }

    /** What native code of this process sees; the JDK's own map is a copy made at its start. */
    public static Optional<String> getenv(String name) {
        try (var arena = Arena.ofConfined()) {
            var value = MemorySegment.ofAddress(GETENV.word(arena.allocateFrom(name).address()));
            return value.equals(MemorySegment.NULL)
                    ? Optional.empty()
                    : Optional.of(value.reinterpret(Long.MAX_VALUE).getString(0));
        } catch (LibcException e) {
            throw new IllegalStateException("no address is -1", e);
        }
    }

    private static int prctl(int option) throws LibcException {
        return PRCTL.callAs("prctl(" + option + ")", option);
    }
}
