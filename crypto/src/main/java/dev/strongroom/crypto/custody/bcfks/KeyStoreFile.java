package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key store on disk, mode 0600. A change writes a new file beside it, syncs it, renames it over
 * the old one and syncs the folder, so that there is always one whole store. A missing file is
 * reported and never made again.
 */
final class KeyStoreFile {
    private static final long MAX_BYTES = 16L << 20; // some 40,000 keys
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
    private final Path folder;
    private final Path next;
    private volatile Digest content = Digest.sha256(); // as last read or written

    KeyStoreFile(Path path) {
        this.path = path.toAbsolutePath();
        Path parent = this.path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + ": expected a file in a folder");
        }
        folder = parent;
        next = folder.resolve(path.getFileName() + ".next");
    }

    Path path() {
        return path;
    }

    /**
     * @throws CustodyException KEY_EXISTS
     */
    void requireNew() throws CustodyException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new CustodyException(
                    Reason.KEY_EXISTS, "key store " + path + " exists; nothing was made");
        }
    }

    /**
     * Reads and unlocks it, with one attempt.
     *
     * @throws CustodyException TOKEN_NOT_FOUND if there is none; PIN_INCORRECT if the password is
     *     wrong or the file was changed; STORE_NOT_USABLE
     */
    Entries load(StorePassword password) throws CustodyException {
        byte[] bytes = read();
        try {
            Entries entries = Entries.load(bytes, password);
            content = Digest.sha256(bytes);
            return entries;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new CustodyException(
                    Reason.PIN_INCORRECT,
                    "key store "
                            + path
                            + ": the password is wrong, or the file is damaged; its"
                            + " authentication cannot tell which. One attempt was made and nothing"
                            + " was changed: check where the password comes from, then restore the"
                            + " file from a backup",
                    e);
        }
    }

    /**
     * Refuses to replace a file that somebody else has put there.
     *
     * @throws CustodyException TOKEN_CHANGED, TOKEN_NOT_FOUND, STORE_NOT_USABLE
     */
    void requireUnchanged() throws CustodyException {
        if (!Digest.sha256(read()).equals(content)) {
            throw new CustodyException(
                    Reason.TOKEN_CHANGED,
                    "key store "
                            + path
                            + " was replaced while this vault runs; nothing was changed. Restart"
                            + " the vault with the file that has all its keys");
        }
    }

    /**
     * The file as it is, once it is known that only its owner can use it.
     *
     * @throws CustodyException TOKEN_NOT_FOUND, STORE_NOT_USABLE
     */
    byte[] read() throws CustodyException {
        try {
            requirePrivate();
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw notUsable("expected at most " + MAX_BYTES + " bytes, got " + size, null);
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new CustodyException(
                    Reason.TOKEN_NOT_FOUND,
                    "key store "
                            + path
                            + " is missing; no key is made in its place: mount or restore it",
                    e);
        } catch (IOException e) {
            throw notUsable("cannot be read; check its owner", e);
        }
    }

    private void requirePrivate() throws IOException, CustodyException {
        var attributes =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw notUsable("expected a regular file", null);
        }
        if (!OWNER_ONLY.value().containsAll(attributes.permissions())) {
            throw notUsable("others can use it; run: chmod 600 " + path, null);
        }
    }

    /**
     * @throws CustodyException STORE_NOT_USABLE: the old content may be in force or the new one
     */
    void write(Entries entries, StorePassword password) throws CustodyException {
        try {
            byte[] bytes = entries.encode(password);
            if (bytes.length > MAX_BYTES) { // it could not be read again
                throw notUsable("full: it would have " + bytes.length + " bytes", null);
            }
            Files.deleteIfExists(next); // what a crash left
            writeNext(bytes);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
            try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
            content = Digest.sha256(bytes);
        } catch (IOException | GeneralSecurityException e) {
            throw notUsable("cannot be replaced; check disk and folder", e);
        }
    }

    private void writeNext(byte[] bytes) throws IOException {
        try (var channel =
                FileChannel.open(
                        next,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        OWNER_ONLY)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private CustodyException notUsable(String what, @Nullable Throwable cause) {
        return new CustodyException(
                Reason.STORE_NOT_USABLE, "key store " + path + ": " + what, cause);
    }
}
