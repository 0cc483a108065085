package dev.strongroom.serving;

import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.enclave.lease.PrivateFolder;
import dev.strongroom.serving.NodeException.Exit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The node's folder: sealed files, what it remembers of the vault, and a lock that keeps a second
 * node out. Nothing in it is plaintext, and still nobody else enters it.
 */
final class DataFolder implements AutoCloseable {
    private final Path root;
    private final FileChannel channel;

    private DataFolder(Path root, FileChannel channel) {
        this.root = root;
        this.channel = channel;
    }

    static DataFolder open(Path root) throws IOException, NodeException {
        PrivateFolder.open(root);
        var channel =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new NodeException(
                    Exit.LOCAL,
                    "data folder " + root + " is in use by another node; give each its own");
        }
        return new DataFolder(root, channel);
    }

    Path memory() {
        return root.resolve("memory");
    }

    Path sealed() {
        return root.resolve("sealed");
    }

    /** Where a version is sealed anew. */
    Path reseal() {
        return root.resolve("reseal");
    }

    /** Remembers the last state of a version's guard. */
    Path guardState(VersionId version) throws IOException {
        return PrivateFolder.open(root.resolve("guard")).resolve(version.hex());
    }

    Path scratch() {
        return root.resolve("scratch");
    }

    /** Lets another node in. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
