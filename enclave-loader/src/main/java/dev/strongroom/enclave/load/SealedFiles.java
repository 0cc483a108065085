package dev.strongroom.enclave.load;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.SealedDigest;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.VaultLink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The sealed files of a version in this node's data folder, named by their digest. What is there is
 * ciphertext; it is fetched once, goes on where it stopped, and is compared with the owner's
 * manifest whenever it is used.
 *
 * <p>Not thread-safe: one process per folder.
 */
public final class SealedFiles {
    private final Path folder;

    /**
     * @param folder made if need be
     */
    public SealedFiles(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Paths in the order of the manifest. */
    public List<Path> fetch(VaultLink vault, VerifiedManifest manifest)
            throws IOException, LeaseException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < manifest.content().files().size(); i++) {
            files.add(fetch(vault, manifest, i));
        }
        return files;
    }

    /** True when nothing of a version has to be fetched. */
    public boolean hasAll(VerifiedManifest manifest) {
        return paths(manifest).stream().allMatch(Files::exists);
    }

    /** Where the files of a version are or will be, in the order of its manifest. */
    public List<Path> paths(VerifiedManifest manifest) {
        return manifest.seal().files().stream()
                .map(sealed -> folder.resolve(sealed.digest().hex()))
                .toList();
    }

    /** Deletes every other file: an old seal stays readable for whoever has its leaked key. */
    public void keepOnly(List<Path> files) throws IOException {
        try (Stream<Path> present = Files.list(folder)) {
            for (Path file : present.filter(each -> !files.contains(each)).toList()) {
                Files.delete(file);
            }
        }
    }

    private Path fetch(VaultLink vault, VerifiedManifest manifest, int index)
            throws IOException, LeaseException {
        ContentStatement content = manifest.content();
        SealedEntry sealed = manifest.seal().files().get(index);
        Path whole = folder.resolve(sealed.digest().hex());
        if (Files.exists(whole)) {
            requireDigest(whole, content, index, sealed, "delete " + whole + " to fetch it again");
            return whole;
        }
        Path part = folder.resolve(sealed.digest().hex() + ".part");
        boolean resumed = Files.exists(part);
        download(vault, manifest, index, part);
        if (resumed && !isIntact(part, sealed)) {
            Files.delete(part); // what an earlier start left may be damaged; ask for all of it once
            download(vault, manifest, index, part);
        }
        try {
            requireDigest(
                    part, content, index, sealed, "the vault's copy is damaged; push it again");
        } catch (LeaseException e) {
            Files.delete(part);
            throw e;
        }
        return Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void download(VaultLink vault, VerifiedManifest manifest, int index, Path part)
            throws IOException, LeaseException {
        SealedEntry sealed = manifest.seal().files().get(index);
        try (var channel =
                FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (channel.size() > sealed.sealedBytes()) {
                channel.truncate(0);
            }
            channel.position(channel.size());
            if (channel.position() == sealed.sealedBytes()) {
                return;
            }
            vault.fetch(
                    manifest,
                    index,
                    channel.position(),
                    chunk -> append(channel, chunk, sealed.sealedBytes()));
            channel.force(true);
        }
    }

    private static void append(FileChannel channel, ByteString chunk, long limit)
            throws IOException, LeaseException {
        if (chunk.size() > limit - channel.position()) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "sealed file: the vault sends more than the manifest's " + limit + " bytes");
        }
        for (ByteBuffer bytes : chunk.asReadOnlyByteBufferList()) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static void requireDigest(
            Path file, ContentStatement content, int index, SealedEntry sealed, String next)
            throws IOException, LeaseException {
        if (!isIntact(file, sealed)) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "sealed file %s (number %d): its bytes are not those that the owner signed; %s"
                            .formatted(content.files().get(index).name(), index, next));
        }
    }

    private static boolean isIntact(Path file, SealedEntry sealed) throws IOException {
        if (Files.size(file) != sealed.sealedBytes()) {
            return false;
        }
        return SealedDigest.of(file).equals(sealed.digest());
    }
}
