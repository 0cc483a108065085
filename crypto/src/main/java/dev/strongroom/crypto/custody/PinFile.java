package dev.strongroom.crypto.custody;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/**
 * Reads a PIN from a file straight into native memory.
 *
 * @param readers who may be able to read it
 */
record PinFile(Path path, Readers readers) implements PinSource {
    enum Readers {
        OWNER,
        /**
         * systemd lets a service read its credential by an access list, whose mask shows as the
         * group's permission.
         */
        OWNER_AND_ACCESS_LIST;

        Set<PosixFilePermission> allowed() {
            var owner = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            return switch (this) {
                case OWNER -> owner;
                case OWNER_AND_ACCESS_LIST -> {
                    owner.add(PosixFilePermission.GROUP_READ);
                    yield owner;
                }
            };
        }
    }

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
        if (!readers.allowed().containsAll(attributes.permissions())) {
            throw notUsable("others can read it; run: chmod 600 " + path, null);
        }
    }

    private MemorySegment readBytes(Arena arena) throws IOException, CustodyException {
        MemorySegment pin = arena.allocate(PinBytes.BUFFER);
        try (var file =
                FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer buffer = pin.asByteBuffer(); // direct: the channel makes no copy
            while (buffer.hasRemaining() && file.read(buffer) >= 0) {}
            return PinBytes.of(pin, buffer.position(), source());
        }
    }

    private String source() {
        return "PIN file " + path;
    }

    private CustodyException notUsable(String what, @Nullable Throwable cause) {
        return PinBytes.notUsable(source(), what, cause);
    }
}
