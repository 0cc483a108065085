package dev.strongroom.enclave.reseal;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.ContentKey;
import dev.strongroom.crypto.open.Opener;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.SegmentStream;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.enclave.lease.LeaseException;
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
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens a version segment by segment into one mebibyte of protected memory and seals each segment
 * from there under fresh keys. What comes out is, by the owner's keyed digests, the owner's
 * plaintext.
 *
 * <p>Not thread-safe.
 */
final class Resealer {
    private final VerifiedManifest current;
    private final Fit fitness;
    private final SecureRandom random;

    /**
     * @param current the seal in force
     */
    Resealer(VerifiedManifest current, Fit fitness, SecureRandom random) {
        this.current = current;
        this.fitness = fitness;
        this.random = random;
    }

    /**
     * Seals anew. The new keys are gone when this returns, but for their wrapped forms.
     *
     * @param sealed files of the seal in force, in the order of the manifest
     * @param key of the seal in force; stays the caller's
     * @param certificate verified
     * @param folder for the new files
     */
    NewSeal seal(List<Path> sealed, ContentKey key, ImportCertificate certificate, Path folder)
            throws IOException, LeaseException, MemoryProtectionException {
        try (VersionSecrets secrets =
                        key.withDigestRoot(root -> VersionSecrets.renew(random, root));
                var buffer =
                        SecretSegment.allocate(
                                SegmentGeometry.PLAINTEXT_SEGMENT_BYTES,
                                Protection.LOCKED,
                                fitness)) {
            var files = new ArrayList<Path>();
            var entries = new ArrayList<SealedEntry>();
            for (int i = 0; i < sealed.size(); i++) {
                Path file = folder.resolve(i + ".sealed");
                entries.add(seal(i, sealed.get(i), key, secrets, buffer, file));
                files.add(file);
            }
            byte[] importCiphertext = secrets.wrapTo(certificate);
            return new NewSeal(
                    statement(secrets, importCiphertext, entries), files, importCiphertext);
        } catch (SealedFormatException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY, "sealing anew: " + e.getMessage(), e);
        }
    }

    private SealStatement statement(
            VersionSecrets secrets, byte[] importCiphertext, List<SealedEntry> entries) {
        SealStatement old = current.seal();
        return new SealStatement(
                old.epoch() + 1,
                Optional.of(current.digest()),
                old.contentDigest(),
                Digest.sha256(importCiphertext),
                secrets.envelope(current.identity()),
                secrets.commitment(current.identity()),
                entries);
    }

    @TouchesPlaintext("one segment, between the old seal and the new one")
    private SealedEntry seal(
            int index,
            Path sealed,
            ContentKey key,
            VersionSecrets secrets,
            SecretSegment buffer,
            Path target)
            throws IOException, SealedFormatException {
        FileEntry file = current.content().files().get(index);
        byte[] identity = current.fileIdentity(index);
        try (var in = FileChannel.open(sealed, StandardOpenOption.READ);
                var out =
                        FileChannel.open(
                                target,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING);
                var arena = Arena.ofShared();
                SegmentStream stream = new Sealer(random).begin(out, secrets, identity)) {
            var anew = new InOrder(stream, new SegmentGeometry(file.plaintextBytes()).segments());
            Opener.openInOrder(
                    in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), arena),
                    file.plaintextBytes(),
                    identity,
                    key,
                    buffer.fill(0, buffer.byteSize()),
                    anew);
            SealedFile result = anew.result();
            requireOwners(file, result);
            return result.entry();
        }
    }

    private static void requireOwners(FileEntry expected, SealedFile sealed)
            throws SealedFormatException {
        if (!MessageDigest.isEqual(expected.keyedDigest(), sealed.keyedDigest())) {
            throw new SealedFormatException(
                    "file " + expected.name() + ": not the plaintext that the owner signed");
        }
    }

    /** Passes segments on as they come; the last one ends the file. */
    private static final class InOrder implements Opener.SegmentSink {
        private final SegmentStream stream;
        private int left;
        private @Nullable SealedFile sealed;

        InOrder(SegmentStream stream, int segments) {
            this.stream = stream;
            this.left = segments;
        }

        @Override
        public void accept(MemorySegment plaintext) throws IOException {
            if (--left > 0) {
                stream.add(plaintext.asByteBuffer());
            } else {
                sealed = stream.finish(plaintext.asByteBuffer());
            }
        }

        SealedFile result() {
            SealedFile whole = sealed;
            if (whole == null) {
                throw new IllegalStateException("the last segment was not taken");
            }
            return whole;
        }
    }
}
