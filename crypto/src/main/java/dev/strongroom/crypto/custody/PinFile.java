package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a PIN from a file straight into native memory. */
record PinFile(Path path) implements PinSource {
    private static final int MAX_BYTES = 255; // longest PIN of a known module (SoftHSM2)
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(
                    PosixFilePermission.OWNER_READ,
                    PosixFilePermission.OWNER_WRITE,
                    PosixFilePermission.OWNER_EXECUTE);

    @Override
    public MemorySegment read(Arena arena) throws CustodyException {
        try {
            requirePrivate();
            return readBytes(arena);
        } catch (IOException e) {
            throw notUsable("cannot be read; check that the file exists and who owns it", e);
        }
    }

    private void requirePrivate() throws IOException, CustodyException {
        var attributes =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw notUsable("expected a regular file", null);
        }
        if (!OWNER_ONLY.containsAll(attributes.permissions())) {
            throw notUsable("others can read it; run: chmod 600 " + path, null);
        }
    }

    private MemorySegment readBytes(Arena arena) throws IOException, CustodyException {
        MemorySegment pin = arena.allocate(MAX_BYTES + 2L);
        try (var file =
                FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer buffer = pin.asByteBuffer(); // direct: the channel makes no copy
            while (buffer.hasRemaining() && file.read(buffer) >= 0) {}
            int length = withoutLineEnd(pin, buffer.position());
            if (length == 0 || length > MAX_BYTES) {
                pin.fill((byte) 0);
                throw notUsable("expected 1 to " + MAX_BYTES + " bytes, got " + length, null);
            }
            return pin.asSlice(0, length);
        }
    }

    private static int withoutLineEnd(MemorySegment pin, int length) {
        return length > 0 && pin.get(ValueLayout.JAVA_BYTE, length - 1L) == '\n'
                ? length - 1
                : length;
    }

    private CustodyException notUsable(String what, @Nullable Throwable cause) {
        return new CustodyException(Reason.PIN_NOT_USABLE, "PIN file " + path + ": " + what, cause);
    }
}
