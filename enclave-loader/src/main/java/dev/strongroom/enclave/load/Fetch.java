package dev.strongroom.enclave.load;

import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.enclave.lease.VaultLink;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sealed files of a version on their way to this node's disk, which a thread of its own brings.
 * Those that begin to come now can be opened meanwhile. One of which an earlier fetch left a part,
 * or that is there already, is first compared with the owner's digest.
 *
 * <p>For one thread, which closes it. Whatever is waited for, a failure of the fetch ends the wait
 * with it.
 */
public final class Fetch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fetch.class);

    /** A tenth of a lease's time, and no more than this, may pass until the last byte is there. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final int PATIENCE_PARTS = 10;

    /** Opened at once; as little takes a millisecond, and as much is all that is mapped. */
    private static final long MIN_PIECE_BYTES = 8L * SegmentGeometry.SEGMENT_BYTES;

    private static final long MAX_PIECE_BYTES = 64L * SegmentGeometry.SEGMENT_BYTES;

    private final SealedFiles files;
    private final VerifiedManifest manifest;
    private final BitSet coming;
    private final boolean goesOn;
    private final FetchProgress progress;
    private final Thread thread;
    private int damaged = -1;

    private Fetch(
            SealedFiles files,
            VaultLink vault,
            VerifiedManifest manifest,
            BitSet coming,
            boolean goesOn) {
        this.files = files;
        this.manifest = manifest;
        this.coming = coming;
        this.goesOn = goesOn;
        this.progress =
                new FetchProgress(
                        coming.stream()
                                .mapToLong(i -> manifest.seal().files().get(i).sealedBytes())
                                .sum(),
                        MonotonicClock::nanos);
        this.thread = Thread.ofPlatform().name("fetch").daemon().unstarted(() -> bringAll(vault));
    }

    static Fetch begin(SealedFiles files, VaultLink vault, VerifiedManifest manifest)
            throws IOException {
        var missing = new BitSet();
        boolean goesOn = false;
        List<Path> paths = files.paths(manifest);
        for (int i = 0; i < paths.size(); i++) {
            if (!Files.exists(paths.get(i))) {
                missing.set(i);
                goesOn |= files.isTorso(manifest.seal().files().get(i));
            }
        }
        var fetch = new Fetch(files, vault, manifest, missing, goesOn);
        fetch.thread.start();
        return fetch;
    }

    private void bringAll(VaultLink vault) {
        try {
            for (int i = 0; i < manifest.seal().files().size(); i++) {
                files.fetch(vault, manifest, i, progress);
            }
        } catch (IOException | LeaseException | RuntimeException | Error e) {
            progress.failed(e);
        }
    }

    /**
     * Returns when a lease can be asked for: when {@link LittleLeft little is left}, or, where an
     * earlier fetch is gone on with, nothing.
     */
    public void awaitLittleLeft() throws IOException, LeaseException {
        if (goesOn) {
            kept();
        } else {
            progress.awaitLittleLeft(manifest.seal().files().size());
        }
    }

    /** Paths in the order of the manifest, when all files are on disk. */
    public List<Path> kept() throws IOException, LeaseException {
        List<Path> paths = files.paths(manifest);
        progress.awaitKept(paths.size());
        return paths;
    }

    /** Path of one file, when it is on disk. */
    Path kept(int file) throws IOException, LeaseException {
        progress.awaitKept(file + 1);
        return files.paths(manifest).get(file);
    }

    /** True when a file can be opened while it comes. */
    boolean isComing(int file) {
        return coming.get(file) && !goesOn;
    }

    /**
     * Reads a file that comes; only what {@link #awaitPiece} waited for is there. The caller closes
     * it.
     */
    FileChannel reading(int file) throws IOException, LeaseException {
        try {
            return FileChannel.open(files.part(sealed(file)), StandardOpenOption.READ);
        } catch (NoSuchFileException renamed) {
            return FileChannel.open(kept(file), StandardOpenOption.READ);
        }
    }

    /**
     * Waits for the next piece of a file that comes.
     *
     * @param from where it begins
     * @param until see {@link #patience}
     * @return where it ends: after whole segments, or with the file
     */
    long awaitPiece(int file, long from, long until) throws IOException, LeaseException {
        long all = sealed(file).sealedBytes();
        try {
            long written =
                    progress.awaitWritten(file, Math.min(all, from + MIN_PIECE_BYTES), all, until);
            long end = Math.min(written, from + MAX_PIECE_BYTES);
            return end == all ? all : end - end % SegmentGeometry.SEGMENT_BYTES;
        } catch (TimeoutException e) {
            throw late(file, e);
        }
    }

    /**
     * Returns when a file that comes is whole and the owner's.
     *
     * @param until see {@link #patience}
     */
    void awaitIntact(int file, long until) throws IOException, LeaseException {
        try {
            progress.awaitIntact(file, until);
        } catch (TimeoutException e) {
            throw late(file, e);
        }
    }

    /** How long bytes of this lease's model may be waited for: a reading of the clock. */
    static long patience(Grant grant) {
        Lease lease = grant.lease();
        Duration part =
                Duration.between(lease.issuedAt(), lease.notAfter()).dividedBy(PATIENCE_PARTS);
        Duration patience = part.compareTo(PATIENCE) < 0 ? part : PATIENCE;
        return grant.askedNanos() + patience.toNanos();
    }

    private LeaseException late(int file, TimeoutException e) {
        return new LeaseException(
                LeaseException.Kind.UNREACHABLE,
                "sealed file %s (number %d): it was not there in time; of a lease's time a tenth, and %d minutes at most, may pass with waiting for bytes. Nothing of the version is served; check the line to the vault and start again, which goes on where the fetch stopped"
                        .formatted(
                                manifest.content().files().get(file).name(),
                                file,
                                PATIENCE.toMinutes()),
                e);
    }

    /** What came of a file does not open: it is no use going on with it. */
    LeaseException damaged(int file, Exception how) {
        damaged = file;
        return new LeaseException(
                LeaseException.Kind.INTEGRITY,
                "file %s: %s; %s"
                        .formatted(
                                manifest.content().files().get(file).name(),
                                how.getMessage(),
                                SealedFiles.DAMAGED_AT_VAULT),
                how);
    }

    private SealedEntry sealed(int file) {
        return manifest.seal().files().get(file);
    }

    /**
     * Ends what is still under way; what came stays for the next fetch, unless it was found to be
     * damaged.
     */
    @Override
    public void close() {
        thread.interrupt();
        join();
        if (damaged >= 0) {
            drop(files.part(sealed(damaged)));
        }
    }

    private void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void drop(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            LOG.warn("fetch.part-left file={} the next fetch finds it to be damaged", part, e);
        }
    }
}
