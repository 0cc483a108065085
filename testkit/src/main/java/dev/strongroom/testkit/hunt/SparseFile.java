package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a file has data: holes read as zeros and need no search (lseek(2), SEEK_DATA). */
final class SparseFile {
    /** A stretch with data, end excluded. */
    record Extent(long start, long end) {}

    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private static final MethodHandle OPEN =
            function(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle LSEEK =
            function(
                    "lseek",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private SparseFile() {}

    // The C library's own functions, with the signatures of its manual pages.
    @SuppressWarnings("restricted")
    private static MethodHandle function(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    /** The whole file as one extent where the file system does not know holes. */
    static List<Extent> extents(Path file) throws IOException {
        long size = Files.size(file);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            int descriptor = (int) OPEN.invokeExact(path, O_RDONLY_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException(file + ": cannot be opened");
            }
            try {
                return extents(descriptor, size);
            } finally {
                int ignored = (int) CLOSE.invokeExact(descriptor);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Extent> extents(int descriptor, long size) throws Throwable {
        List<Extent> extents = new ArrayList<>();
        for (long at = 0; at < size; ) {
            long data = (long) LSEEK.invokeExact(descriptor, at, SEEK_DATA);
            if (data < 0) {
                // Past the last data, or (at the very start) holes are not known here.
                return at == 0 ? wholeUnlessOneHole(descriptor, size) : extents;
            }
            long hole = (long) LSEEK.invokeExact(descriptor, data, SEEK_HOLE);
            long end = hole < 0 ? size : hole;
            extents.add(new Extent(data, end));
            at = end;
        }
        return extents;
    }

    private static List<Extent> wholeUnlessOneHole(int descriptor, long size) throws Throwable {
        long hole = (long) LSEEK.invokeExact(descriptor, 0L, SEEK_HOLE);
        return hole == 0 ? List.of() : List.of(new Extent(0, size));
    }
}
