package dev.strongroom.serving;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.enclave.lease.PrivateFolder;
import dev.strongroom.serving.NodeException.Exit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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

    /** Sealed files of a tenant's models. */
    Path sealed(TenantName tenant) {
        return sealed().resolve(tenant.value());
    }

    private Path sealed() {
        return root.resolve("sealed");
    }

    /** Deletes sealed files of everybody else: of tenants that are not served here any more. */
    void keepSealed(Set<TenantName> tenants) throws IOException {
        Files.createDirectories(sealed());
        for (Path entry : entries(sealed())) {
            if (tenants.stream().noneMatch(tenant -> sealed(tenant).equals(entry))) {
                delete(entry);
            }
        }
    }

    private static void delete(Path entry) throws IOException {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            for (Path inside : entries(entry)) {
                delete(inside);
            }
        }
        Files.delete(entry);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    /** Where a version is sealed anew. */
    Path reseal() {
        return root.resolve("reseal");
    }

    /** Remembers the last state of a version's guard. Owners choose the ids of their versions. */
    Path guardState(TenantName tenant, VersionId version) throws IOException {
        PrivateFolder.open(root.resolve("guard"));
        return PrivateFolder.open(root.resolve("guard").resolve(tenant.value()))
                .resolve(version.hex());
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
