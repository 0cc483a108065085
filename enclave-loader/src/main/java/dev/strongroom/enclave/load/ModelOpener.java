package dev.strongroom.enclave.load;

import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.ContentKey;
import dev.strongroom.crypto.open.Opener;
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
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Opens all files of a version side by side into one piece of protected memory. */
public final class ModelOpener {
    private ModelOpener() {}

    /**
     * Opens, and zeroes the key whatever comes of it. Nothing is used before every file has opened;
     * if one does not, all memory is zeroed.
     *
     * @param released checked lease and its key
     * @param sealed paths in the order of the manifest
     * @param threads for opening segments in parallel
     */
    public static LoadedModel open(
            LeaseRequester.Released released,
            List<Path> sealed,
            Protection protection,
            Fit fitness,
            int threads)
            throws IOException, LeaseException, MemoryProtectionException {
        try (ContentKey key = released.key()) {
            return open(released.grant().manifest(), sealed, key, protection, fitness, threads);
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
        List<LoadedModel.Placed> placed = place(manifest.content().files());
        var last = placed.getLast();
        long total = last.offset() + SecretSegment.pageAligned(Math.max(1, last.file().bytes()));
        var memory = SecretSegment.allocate(total, protection, fitness);
        try {
            for (int i = 0; i < sealed.size(); i++) {
                open(manifest, i, sealed.get(i), key, memory, placed.get(i), threads);
            }
            return new LoadedModel(memory, manifest.content().graphFile(), placed);
        } catch (IOException | LeaseException | RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    @TouchesPlaintext("the opener's destination")
    private static void open(
            VerifiedManifest manifest,
            int index,
            Path sealed,
            ContentKey key,
            SecretSegment memory,
            LoadedModel.Placed place,
            int threads)
            throws IOException, LeaseException {
        try (var channel = FileChannel.open(sealed, StandardOpenOption.READ);
                var arena = Arena.ofShared()) {
            var ciphertext = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            byte[] identity = manifest.fileIdentity(index);
            var plaintext = memory.fill(place.offset(), place.file().bytes());
            Opener.open(
                    ciphertext,
                    place.file().bytes(),
                    identity,
                    key,
                    plaintext,
                    threads,
                    new MappedPages(ciphertext)::read);
            if (manifest.sealer().isPresent()) {
                Opener.requireDigest(
                        plaintext, manifest.content().files().get(index), identity, key);
            }
        } catch (SealedFormatException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "file " + place.file().name() + ": " + e.getMessage(),
                    e);
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
