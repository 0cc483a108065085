package dev.strongroom.enclave.load;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.SealedDigest;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.VaultLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    static final String DAMAGED_AT_VAULT = "the vault's copy is damaged; push it again";

    private final Path folder;

    /**
     * @param folder made if need be
     */
    public SealedFiles(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /**
     * Begins to bring what is missing of a version, on a thread of its own.
     *
     * @return the caller closes it; nothing else may be asked of this folder until then
     */
    public Fetch begin(VaultLink vault, VerifiedManifest manifest) throws IOException {
        return Fetch.begin(this, vault, manifest);
    }

    /** Brings what is missing of a version; paths in the order of the manifest. */
    public List<Path> fetch(VaultLink vault, VerifiedManifest manifest)
            throws IOException, LeaseException {
        try (var fetch = begin(vault, manifest)) {
            return fetch.kept();
        }
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

    /** While it is not whole. */
    Path part(SealedEntry sealed) {
        return folder.resolve(sealed.digest().hex() + ".part");
    }

    /** True when an earlier fetch left something of the file and not all. */
    boolean isTorso(SealedEntry sealed) throws IOException {
        Path part = part(sealed);
        return Files.exists(part) && Files.size(part) > 0;
    }

    /** Brings one file, or finds it to be what it was. */
    void fetch(VaultLink vault, VerifiedManifest manifest, int index, FetchProgress progress)
            throws IOException, LeaseException {
        SealedEntry sealed = manifest.seal().files().get(index);
        Path whole = folder.resolve(sealed.digest().hex());
        if (Files.exists(whole)) {
            requireDigest(whole, manifest, index);
        } else {
            download(vault, manifest, index, progress);
            Files.move(part(sealed), whole, StandardCopyOption.ATOMIC_MOVE);
        }
        progress.kept();
    }

    private void download(
            VaultLink vault, VerifiedManifest manifest, int index, FetchProgress progress)
            throws IOException, LeaseException {
        SealedEntry sealed = manifest.seal().files().get(index);
        boolean resumed = isTorso(sealed);
        try (var part = PartFile.open(part(sealed), sealed.sealedBytes())) {
            Digest came = rest(vault, manifest, index, part, progress);
            if (resumed && !came.equals(sealed.digest())) {
                part.clear(); // what an earlier start left may be damaged; ask for all of it once
                came = rest(vault, manifest, index, part, progress);
            }
            if (!came.equals(sealed.digest())) {
                Files.delete(part(sealed));
                throw refused(manifest, index, DAMAGED_AT_VAULT);
            }
            progress.intact();
            part.force();
        }
    }

    private static Digest rest(
            VaultLink vault,
            VerifiedManifest manifest,
            int index,
            PartFile part,
            FetchProgress progress)
            throws IOException, LeaseException {
        if (part.bytes() < manifest.seal().files().get(index).sealedBytes()) {
            vault.fetch(
                    manifest,
                    index,
                    part.bytes(),
                    chunk -> {
                        part.append(chunk);
                        progress.wrote(chunk.size());
                    });
        }
        return part.digest();
    }

    private static void requireDigest(Path file, VerifiedManifest manifest, int index)
            throws IOException, LeaseException {
        if (!isIntact(file, manifest.seal().files().get(index))) {
            throw refused(manifest, index, "delete " + file + " to fetch it again");
        }
    }

    private static LeaseException refused(VerifiedManifest manifest, int index, String next) {
        return new LeaseException(
                LeaseException.Kind.INTEGRITY,
                "sealed file %s (number %d): its bytes are not those that the owner signed; %s"
                        .formatted(manifest.content().files().get(index).name(), index, next));
    }

    private static boolean isIntact(Path file, SealedEntry sealed) throws IOException {
        if (Files.size(file) != sealed.sealedBytes()) {
            return false;
        }
        return SealedDigest.of(file).equals(sealed.digest());
    }
}
