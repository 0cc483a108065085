package dev.strongroom.enclave.load;

import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.ContentKey;
import dev.strongroom.crypto.open.Opener;
import dev.strongroom.crypto.open.PieceOpener;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseRequester;
import dev.strongroom.enclave.memory.MappedPages;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import dev.strongroom.enclave.posture.Fit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Opens all files of a version side by side into one piece of protected memory. */
public final class ModelOpener {
    private ModelOpener() {}

    /**
     * Opens, what comes while it comes, and zeroes the key whatever comes of it. Nothing is used
     * before every file has opened and is the one that the owner signed; if one is not, all memory
     * is zeroed.
     *
     * @param released checked lease and its key
     * @param fetch of the same version
     * @param threads for opening segments in parallel
     */
    public static LoadedModel open(
            LeaseRequester.Released released,
            Fetch fetch,
            Protection protection,
            Fit fitness,
            int threads)
            throws IOException, LeaseException, MemoryProtectionException {
        VerifiedManifest manifest = released.grant().manifest();
        long until = Fetch.patience(released.grant());
        try (ContentKey key = released.key()) {
            return open(
                    manifest,
                    protection,
                    fitness,
                    (file, plaintext) -> {
                        if (fetch.isComing(file)) {
                            openComing(manifest, file, fetch, until, key, plaintext, threads);
                        } else {
                            openMapped(manifest, file, fetch.kept(file), key, plaintext, threads);
                        }
                    });
        }
    }

    static LoadedModel open(
            VerifiedManifest manifest,
            List<Path> sealed,
            ContentKey key,
            Protection protection,
            Fit fitness,
            int threads)
            throws IOException, LeaseException, MemoryProtectionException {
        return open(
                manifest,
                protection,
                fitness,
                (file, plaintext) ->
                        openMapped(manifest, file, sealed.get(file), key, plaintext, threads));
    }

    /** How one file is opened. */
    @FunctionalInterface
    private interface EachFile {
        void open(int file, MemorySegment plaintext) throws IOException, LeaseException;
    }

    @TouchesPlaintext("the opener's destination")
    private static LoadedModel open(
            VerifiedManifest manifest, Protection protection, Fit fitness, EachFile each)
            throws IOException, LeaseException, MemoryProtectionException {
        List<LoadedModel.Placed> placed = place(manifest.content().files());
        var last = placed.getLast();
        long total = last.offset() + SecretSegment.pageAligned(Math.max(1, last.file().bytes()));
        var memory = SecretSegment.allocate(total, protection, fitness);
        try {
            for (int file = 0; file < placed.size(); file++) {
                LoadedModel.Placed place = placed.get(file);
                each.open(file, memory.fill(place.offset(), place.file().bytes()));
            }
            return new LoadedModel(memory, manifest.content().graphFile(), placed);
        } catch (IOException | LeaseException | RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private static void openMapped(
            VerifiedManifest manifest,
            int file,
            Path sealed,
            ContentKey key,
            MemorySegment plaintext,
            int threads)
            throws IOException, LeaseException {
        try (var channel = FileChannel.open(sealed, StandardOpenOption.READ);
                var arena = Arena.ofShared()) {
            var ciphertext = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            Opener.open(
                    ciphertext,
                    plaintext.byteSize(),
                    manifest.fileIdentity(file),
                    key,
                    plaintext,
                    threads,
                    new MappedPages(ciphertext)::read);
            requireOwners(manifest, file, key, plaintext);
        } catch (SealedFormatException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "file " + manifest.content().files().get(file).name() + ": " + e.getMessage(),
                    e);
        }
    }

    /** Only what was written is ever mapped. */
    private static void openComing(
            VerifiedManifest manifest,
            int file,
            Fetch fetch,
            long until,
            ContentKey key,
            MemorySegment plaintext,
            int threads)
            throws IOException, LeaseException {
        long sealedBytes = manifest.seal().files().get(file).sealedBytes();
        try {
            var opener =
                    new PieceOpener(
                            sealedBytes,
                            plaintext.byteSize(),
                            manifest.fileIdentity(file),
                            key,
                            plaintext,
                            threads);
            long end = fetch.awaitPiece(file, 0, until);
            try (var channel = fetch.reading(file)) {
                openPiece(opener, channel, 0, end);
                while (end < sealedBytes) {
                    long from = end;
                    end = fetch.awaitPiece(file, from, until);
                    openPiece(opener, channel, from, end);
                }
            }
            opener.requireComplete();
            requireOwners(manifest, file, key, plaintext);
        } catch (SealedFormatException e) {
            throw fetch.damaged(file, e);
        }
        fetch.awaitIntact(file, until);
    }

    private static void openPiece(PieceOpener opener, FileChannel channel, long from, long end)
            throws IOException, SealedFormatException {
        try (var arena = Arena.ofShared()) {
            opener.open(channel.map(FileChannel.MapMode.READ_ONLY, from, end - from, arena));
        }
    }

    private static void requireOwners(
            VerifiedManifest manifest, int file, ContentKey key, MemorySegment plaintext)
            throws SealedFormatException {
        if (manifest.sealer().isPresent()) {
            Opener.requireDigest(
                    plaintext,
                    manifest.content().files().get(file),
                    manifest.fileIdentity(file),
                    key);
        }
    }

    private static List<LoadedModel.Placed> place(List<FileEntry> files) {
        List<LoadedModel.Placed> placed = new ArrayList<>();
        long offset = 0;
        for (FileEntry file : files) {
            placed.add(
                    new LoadedModel.Placed(
                            new LoadedModel.File(file.name(), file.plaintextBytes()), offset));
            offset =
                    Math.addExact(
                            offset, SecretSegment.pageAligned(Math.max(1, file.plaintextBytes())));
        }
        return placed;
    }
}
