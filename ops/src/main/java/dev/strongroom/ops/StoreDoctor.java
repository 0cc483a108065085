package dev.strongroom.ops;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Examines a vault's data folder. Leaves in it what it found. */
final class StoreDoctor {
    private static final String NAME = "data folder";
    private static final long LITTLE = 1L << 30; // a model of middling size
    private static final Set<PosixFilePermission> WRITERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    /** Gone with a restart, or kept by a server that may answer before it has written. */
    private static final Set<String> VOLATILE = Set.of("tmpfs", "ramfs", "overlay");

    private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "fuse");

    private StoreDoctor() {}

    static Checkup data(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                return Checkup.fail(
                        NAME,
                        folder + " is no folder",
                        "name the vault's dataDir, made by vault init");
            }
            Checkup closed = ownership(folder);
            if (closed.health() == Checkup.Health.FAIL) {
                return closed;
            }
            keepsWhatIsWritten(folder);
            return room(folder, closed.finding());
        } catch (IOException e) {
            return Checkup.fail(
                    NAME,
                    folder + " takes no file, lock or sync: " + e.getMessage(),
                    "run this as the vault's user; put the folder on a local disk with room");
        }
    }

    private static Checkup ownership(Path folder) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String owner = attributes.owner().getName();
        String mode = PosixFilePermissions.toString(attributes.permissions());
        String what = "%s of %s, %s".formatted(folder, owner, mode);
        return attributes.permissions().stream().anyMatch(WRITERS::contains)
                ? Checkup.fail(NAME, what + ": others can write it", "chmod 700 " + folder)
                : Checkup.ok(NAME, what);
    }

    /** What a database needs of its file system: a lock that is one, and a sync that ends. */
    private static void keepsWhatIsWritten(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, ".doctor", "");
        try (FileChannel channel =
                        FileChannel.open(
                                probe,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.DELETE_ON_CLOSE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new IOException("a new file is locked already");
            }
            channel.force(true);
        }
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static Checkup room(Path folder, String what) throws IOException {
        FileStore store = Files.getFileStore(folder);
        long free = store.getUsableSpace();
        String finding = "%s, %s with %d MB free".formatted(what, store.type(), free >> 20);
        String type = store.type();
        if (VOLATILE.contains(type)) {
            return Checkup.warn(
                    NAME, finding + ": may be gone after a restart", "put it on a disk of its own");
        }
        if (REMOTE.stream().anyMatch(type::startsWith)) {
            return Checkup.warn(
                    NAME,
                    finding + ": its server decides about locks and about what is durable",
                    "put it on a local disk");
        }
        return free < LITTLE
                ? Checkup.warn(NAME, finding, "make room: pushes are refused when it is full")
                : Checkup.ok(NAME, finding);
    }
}
