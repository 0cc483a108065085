package dev.strongroom.crypto.custody;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;

/** A pipe of the operating system whose outlet is read into native memory. Used by one thread. */
final class NativePipe implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000; // Linux
    private static final short POLLIN = 1;
    private static final int CLOSED = -1;

    private static final MethodHandle PIPE2 =
            link("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle POLL =
            link("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle READ =
            link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLOSE =
            link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final int outlet;
    private int inlet;

    private NativePipe(int outlet, int inlet) {
        this.outlet = outlet;
        this.inlet = inlet;
    }

    static NativePipe open() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            if ((int) call(PIPE2, ends, O_CLOEXEC) != 0) {
                throw new IOException("no pipe");
            }
            return new NativePipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
        }
    }

    /** Where a child's output goes, under a name that this process can open. */
    File inlet() {
        return new File("/proc/self/fd/" + inlet);
    }

    /** Our own copy of the inlet, so that the outlet ends when the child's does. */
    void closeInlet() {
        if (inlet != CLOSED) {
            call(CLOSE, inlet);
            inlet = CLOSED;
        }
    }

    /**
     * Reads to the end, until the buffer is full or until the deadline.
     *
     * @param deadline in terms of System.nanoTime
     * @return bytes read
     */
    int readAll(MemorySegment buffer, long deadline) throws IOException {
        long filled = 0;
        while (filled < buffer.byteSize() && awaitInput(deadline)) {
            long read =
                    (long) call(READ, outlet, buffer.asSlice(filled), buffer.byteSize() - filled);
            if (read < 0) {
                throw new IOException("pipe: read failed");
            }
            if (read == 0) {
                break;
            }
            filled += read;
        }
        return Math.toIntExact(filled);
    }

    /** False once the time is over. A call that fails is no end: half a PIN would be tried. */
    private boolean awaitInput(long deadline) throws IOException {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(8, 4); // struct pollfd
            poll.set(JAVA_INT, 0, outlet);
            poll.set(JAVA_SHORT, 4, POLLIN);
            int ready = (int) call(POLL, poll, 1L, (int) Math.max(0, left));
            if (ready < 0) {
                throw new IOException("pipe: poll failed");
            }
            return ready > 0;
        }
    }

    @Override
    public void close() {
        closeInlet();
        call(CLOSE, outlet);
    }

    private static Object call(MethodHandle function, Object... arguments) {
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("the call into the C library itself failed", e);
        }
    }

    // Four functions of the C library; the launcher enables native access for this module.
    @SuppressWarnings("restricted")
    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor);
    }
}
