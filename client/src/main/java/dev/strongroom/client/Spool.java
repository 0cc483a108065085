package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The sealed files of one unfinished push: ciphertext, the signed manifest and the wrapping key as
 * it was encrypted to the token; of a split version the second part as it was encrypted to the
 * agent. Never plaintext, never a key. The manifest is written last, so a spool that has one and
 * whose files have its digests is whole; any other is of no use, because the key it was sealed
 * under is gone.
 *
 * <p>One process at a time holds a spool. Not thread-safe.
 */
final class Spool implements AutoCloseable {
    private static final String MANIFEST = "manifest.bin";
    private static final String IMPORT = "import.bin";
    private static final String PART = "part.bin";
    private static final String LOCK = ".lock";
    private static final int MAX_IMPORT_BYTES = 1024; // RSA-8192
    private static final int READ_BYTES = 1 << 20;

    private final Path folder;
    private final FileChannel lock;

    private Spool(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * What a whole spool holds.
     *
     * @param part of a split version: signed and encrypted to the agent
     */
    record Sealed(VerifiedManifest manifest, byte[] importCiphertext, Optional<byte[]> part) {}

    /**
     * Takes the spool of a source, new or left by an interrupted push.
     *
     * @throws ClientException of kind CONFLICT when another push holds it
     */
    static Spool open(Path spools, ModelName model, Digest fingerprint)
            throws ClientException, IOException {
        LocalFiles.ownerFolder(spools);
        Path ofModel = spools.resolve(model.tenant().value()).resolve(model.name());
        Path folder = LocalFiles.ownerFolder(ofModel.resolve(fingerprint.hex()));
        FileChannel lock =
                FileChannel.open(
                        folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!tryLock(lock)) {
            lock.close();
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    "another push of " + model + " is running on this machine",
                    "wait for it to end");
        }
        return new Spool(folder, lock);
    }

    Path sealedFile(int index) {
        return folder.resolve(index + ".sealed");
    }

    /** What an interrupted push left, when it is whole and of this owner. */
    Optional<Sealed> load(Digest owner, Progress progress) throws IOException {
        if (!Files.exists(folder.resolve(MANIFEST))) {
            return Optional.empty();
        }
        try {
            byte[] encoded = read(folder.resolve(MANIFEST), Manifest.MAX_BYTES);
            var manifest = Manifest.decode(encoded).verify(owner);
            byte[] importCiphertext = read(folder.resolve(IMPORT), MAX_IMPORT_BYTES);
            boolean whole =
                    Digest.sha256(importCiphertext).equals(manifest.seal().importCiphertextDigest())
                            && filesAreWhole(manifest.seal().files(), progress);
            Optional<byte[]> part = readPart(manifest);
            return whole
                    ? Optional.of(new Sealed(manifest, importCiphertext, part))
                    : Optional.empty();
        } catch (SealedFormatException e) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> readPart(VerifiedManifest manifest)
            throws IOException, SealedFormatException {
        if (!manifest.content().suite().isSplit()) {
            return Optional.empty();
        }
        byte[] part = read(folder.resolve(PART), PartStatement.MAX_BYTES);
        PartStatement statement =
                PartStatement.verify(
                        Dsse.decode(part),
                        manifest.content().ownerId(),
                        manifest.manifest().ownerSpki());
        if (!statement.versionId().equals(manifest.content().versionId())) {
            throw new SealedFormatException("part: expected the one of this version");
        }
        return Optional.of(part);
    }

    /** Makes the spool whole; every sealed file is durable before. */
    void finish(Manifest manifest, byte[] importCiphertext, Optional<byte[]> part)
            throws IOException {
        if (part.isPresent()) {
            LocalFiles.replace(folder.resolve(PART), part.get());
        }
        LocalFiles.replace(folder.resolve(IMPORT), importCiphertext);
        LocalFiles.replace(folder.resolve(MANIFEST), manifest.encode());
    }

    /** Empties the spool: what is in it cannot be used, or is not needed any more. */
    void clear() throws IOException {
        Files.deleteIfExists(folder.resolve(MANIFEST)); // first: a torso never looks whole
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!file.endsWith(LOCK)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Removes the spool after the commit. */
    void delete() throws IOException {
        clear();
        Files.deleteIfExists(folder.resolve(LOCK));
        Files.deleteIfExists(folder);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private boolean filesAreWhole(List<SealedEntry> entries, Progress progress) throws IOException {
        progress.step(
                "checking what the last push sealed",
                entries.stream().mapToLong(SealedEntry::sealedBytes).sum());
        long done = 0;
        for (int i = 0; i < entries.size(); i++) {
            Path file = sealedFile(i);
            if (!Files.exists(file) || Files.size(file) != entries.get(i).sealedBytes()) {
                return false;
            }
            if (!digest(file, progress, done).equals(entries.get(i).digest())) {
                return false;
            }
            done += entries.get(i).sealedBytes();
        }
        return true;
    }

    private static Digest digest(Path file, Progress progress, long before) throws IOException {
        MessageDigest sha256 = Digest.newSha256();
        var buffer = ByteBuffer.allocate(READ_BYTES);
        long done = before;
        try (FileChannel channel = FileChannel.open(file)) {
            for (int read = channel.read(buffer); read >= 0; read = channel.read(buffer)) {
                sha256.update(buffer.flip());
                buffer.clear();
                done += read;
                progress.advanced(done);
            }
        }
        return Digest.of(sha256.digest());
    }

    private static byte[] read(Path file, int maxBytes) throws IOException, SealedFormatException {
        if (!Files.exists(file) || Files.size(file) > maxBytes) {
            throw new SealedFormatException(
                    file.getFileName() + ": expected at most " + maxBytes + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another thread of this process
        }
    }
}
