package dev.strongroom.vault.store;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Sealed bytes in a folder. A complete object has its digest as its name and never changes; bytes
 * on their way in are elsewhere, so that nothing half-written is ever under a digest.
 *
 * <pre>
 * objects/TENANT/ab/abcdef…          complete, synced, digest checked
 * uploads/TENANT/VERSION/INDEX.part  a durable prefix of one file
 * </pre>
 *
 * <p>Thread-safe; one upload per file at a time. Memory does not grow with object size.
 */
public final class ObjectStore {
    private static final int FAN_OUT = 2; // 256 folders per tenant

    private final Path objects;
    private final Path uploads;
    private final Set<Path> busy = ConcurrentHashMap.newKeySet();

    private ObjectStore(Path objects, Path uploads) {
        this.objects = objects;
        this.uploads = uploads;
    }

    public static ObjectStore open(Path dataDir) throws IOException {
        var store = new ObjectStore(dataDir.resolve("objects"), dataDir.resolve("uploads"));
        DurableFiles.createDirectories(store.objects);
        DurableFiles.createDirectories(store.uploads);
        return store;
    }

    /**
     * Where an upload of the object goes on: after the bytes that a crash now would leave. Bytes
     * that are all there are published first, or dropped when they are the wrong ones.
     */
    public long resumeAt(SealedObject object) throws IOException {
        long durable = durableBytes(object);
        if (durable < object.bytes() || isComplete(object)) {
            return durable;
        }
        try (Upload rest = upload(object, durable)) {
            return rest.finish();
        } catch (RefusedException e) {
            return e.reason() == Reason.OBJECT_NOT_AUTHENTIC ? 0 : durable;
        }
    }

    private long durableBytes(SealedObject object) throws IOException {
        if (isComplete(object)) {
            return object.bytes();
        }
        try (var part = FileChannel.open(partOf(object), StandardOpenOption.WRITE)) {
            part.force(true);
            return Math.min(part.size(), object.bytes());
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    public boolean isComplete(SealedObject object) {
        return Files.exists(fileOf(object.tenant(), object.digest()));
    }

    /** Refuses an upload that the disk has no room for, before the first byte is sent. */
    public void requireRoom(long bytes) throws IOException, RefusedException {
        if (Files.getFileStore(uploads).getUsableSpace() < bytes) {
            throw new RefusedException(
                    Reason.DISK_FULL,
                    "the vault has no room for "
                            + bytes
                            + " more bytes; nothing was changed: free space in its data folder,"
                            + " then run the same command again");
        }
    }

    /**
     * Goes on writing an object from the end of its durable bytes. The caller closes the upload.
     *
     * @throws RefusedException UPLOAD_OFFSET if the offset is not where the bytes end, UPLOAD_BUSY
     *     if another upload writes the same file
     */
    public Upload upload(SealedObject object, long offset) throws IOException, RefusedException {
        Path part = partOf(object);
        if (!busy.add(part)) {
            throw new RefusedException(
                    Reason.UPLOAD_BUSY,
                    "file " + object.fileIndex() + ": another upload writes it; try again later");
        }
        try {
            long durable = durableBytes(object);
            if (isComplete(object)) {
                throw new RefusedException(
                        Reason.UPLOAD_OFFSET,
                        "file " + object.fileIndex() + " is complete; nothing is missing");
            }
            if (offset != durable) {
                throw new RefusedException(
                        Reason.UPLOAD_OFFSET,
                        "file "
                                + object.fileIndex()
                                + ": expected offset "
                                + durable
                                + ", got "
                                + offset
                                + "; ask again what is durable");
            }
            Path versionDir = part.toAbsolutePath().getParent();
            if (versionDir != null) {
                DurableFiles.createDirectories(versionDir);
            }
            return Upload.open(
                    object,
                    part,
                    fileOf(object.tenant(), object.digest()),
                    offset,
                    () -> busy.remove(part));
        } catch (IOException | RefusedException | RuntimeException e) {
            busy.remove(part);
            throw e;
        }
    }

    /** Reads a complete object from an offset. The caller closes the channel. */
    public SeekableByteChannel read(TenantName tenant, Digest digest, long offset)
            throws IOException {
        var channel = FileChannel.open(fileOf(tenant, digest), StandardOpenOption.READ);
        try {
            return channel.position(offset);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Deletes an object that no row names any more. */
    public void delete(TenantName tenant, Digest digest) throws IOException {
        Files.deleteIfExists(fileOf(tenant, digest));
    }

    /** Deletes what a committed or abandoned version left among the uploads. */
    public void discardUploads(TenantName tenant, VersionId version) throws IOException {
        DurableFiles.deleteTree(uploads.resolve(tenant.value()).resolve(version.hex()));
    }

    /**
     * Collects what a crash left: uploads of no unfinished version, objects that no row names.
     *
     * @return how many were deleted
     */
    public int sweep(
            Predicate<String> unfinishedVersion, BiPredicate<String, String> referencedObject)
            throws IOException {
        int deleted = 0;
        for (Path tenant : list(uploads)) {
            for (Path version : list(tenant)) {
                if (!unfinishedVersion.test(nameOf(version))) {
                    DurableFiles.deleteTree(version);
                    deleted++;
                }
            }
        }
        for (Path tenant : list(objects)) {
            for (Path group : list(tenant)) {
                for (Path object : list(group)) {
                    if (!referencedObject.test(nameOf(tenant), nameOf(object))) {
                        Files.deleteIfExists(object);
                        deleted++;
                    }
                }
            }
        }
        return deleted;
    }

    private static Iterable<Path> list(Path dir) throws IOException {
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.toList();
        } catch (NoSuchFileException e) {
            return Set.of();
        }
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }

    private Path fileOf(TenantName tenant, Digest digest) {
        return objects.resolve(tenant.value())
                .resolve(digest.hex().substring(0, FAN_OUT))
                .resolve(digest.hex());
    }

    private Path partOf(SealedObject object) {
        return uploads.resolve(object.tenant().value())
                .resolve(object.version().hex())
                .resolve(object.fileIndex() + ".part");
    }
}
