package dev.strongroom.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** Files of a profile: whole or not there at all, and secret ones readable by their owner only. */
final class LocalFiles {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private LocalFiles() {}

    /** Creates a folder that only its owner can enter; an existing one keeps its mode. */
    static Path ownerFolder(Path folder) throws IOException {
        return Files.createDirectories(folder, OWNER_FOLDER);
    }

    /** Writes a file of mode 0600 that must not exist yet: a key is never overwritten. */
    static void createSecret(Path file, byte[] content) throws ClientException, IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        OWNER_FILE)) {
            writeAll(channel, content);
        } catch (FileAlreadyExistsException e) {
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    file + " exists already and is never overwritten",
                    "choose another --context folder, or keep using this key",
                    e);
        }
    }

    /** Replaces a file as one step and durably: after a crash it is the old or the new one. */
    static void replace(Path file, byte[] content) throws IOException {
        Path folder = Objects.requireNonNull(file.getParent(), "a file inside a profile");
        Path next = Files.createTempFile(folder, "." + file.getFileName(), ".new", OWNER_FILE);
        try {
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                writeAll(channel, content);
            }
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /** Refuses a secret file that others on this machine could read. */
    static void requireOwnerOnly(Path file) throws ClientException, IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (!OWNER_FILE.value().containsAll(mode)) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    file
                            + " is open to others: mode "
                            + PosixFilePermissions.toString(mode)
                            + ", expected rw-------",
                    "chmod 600 " + file);
        }
    }

    private static void writeAll(FileChannel channel, byte[] content) throws IOException {
        var buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        channel.force(true);
    }
}
