package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Seals the files of one version into a spool, under secrets that live for this one call. */
final class ModelSealer {
    private final OwnerKey owner;
    private final SecureRandom random;
    private final InstantSource clock;

    ModelSealer(OwnerKey owner, SecureRandom random, InstantSource clock) {
        this.owner = owner;
        this.random = random;
        this.clock = clock;
    }

    /** The policies that the version will obey. */
    record Demands(PolicyDemand release, PolicyDemand output) {}

    /**
     * Seals, signs and makes the spool whole.
     *
     * @param source plaintext, prepared or as it is
     */
    Spool.Sealed seal(
            ModelSource source,
            Preparation preparation,
            PushRequest request,
            Demands demands,
            ImportCertificate certificate,
            Spool spool,
            Progress progress)
            throws ClientException, IOException {
        var identity =
                new Identity(
                        Suite.of(certificate.hash()),
                        owner.keyId(),
                        request.model(),
                        VersionId.random(random));
        requirePlainNames(source);
        try (VersionSecrets secrets = VersionSecrets.generate(random)) {
            List<SealedFile> sealed = sealFiles(source, identity, secrets, spool, progress);
            var content =
                    new ContentStatement(
                            identity.suite(),
                            identity.ownerId(),
                            identity.model(),
                            identity.versionId(),
                            clock.instant(),
                            preparation,
                            source.graph().name(),
                            contentEntries(source, sealed),
                            demands.release(),
                            demands.output(),
                            request.licence(),
                            request.provenance(),
                            request.resealBy());
            byte[] importCiphertext =
                    Checks.verified(
                            "the import key",
                            "ask the vault's operator for a new import key",
                            () -> secrets.wrapTo(certificate));
            var seal =
                    SealStatement.first(
                            Digest.sha256(content.encode()),
                            Digest.sha256(importCiphertext),
                            secrets.envelope(identity),
                            secrets.commitment(identity),
                            sealed.stream().map(SealedFile::entry).toList());
            var manifest = new Manifest(owner.spki(), content.sign(owner), seal.sign(owner));
            spool.finish(manifest, importCiphertext);
            return new Spool.Sealed(
                    Checks.verified(
                            "the version just signed",
                            "restore the owner key from one backup",
                            () -> manifest.verify(owner.keyId())),
                    importCiphertext);
        } catch (SignatureException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the owner root key cannot sign",
                    "restore owner.pem from a backup",
                    e);
        }
    }

    private List<SealedFile> sealFiles(
            ModelSource source,
            Identity identity,
            VersionSecrets secrets,
            Spool spool,
            Progress progress)
            throws IOException {
        progress.step("sealing", source.totalBytes());
        var sealer = new Sealer(random);
        var counter = new Counter(progress);
        var sealed = new ArrayList<SealedFile>();
        for (ModelSource.Part part : source.parts()) {
            int index = sealed.size();
            byte[] place = identity.file(part.name(), index);
            try (FileChannel in = FileChannel.open(part.path());
                    FileChannel out = newFile(spool.sealedFile(index))) {
                sealed.add(sealer.seal(counter.over(in), out, secrets, place));
                out.force(true);
            }
        }
        return sealed;
    }

    private static FileChannel newFile(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static List<FileEntry> contentEntries(ModelSource source, List<SealedFile> sealed) {
        var entries = new ArrayList<FileEntry>();
        for (ModelSource.Part part : source.parts()) {
            entries.add(sealed.get(entries.size()).contentEntry(part.name()));
        }
        return entries;
    }

    /** A sealed version is one flat folder; preparing makes one of any model. */
    private static void requirePlainNames(ModelSource source) throws ClientException {
        boolean plain =
                source.parts().stream().allMatch(part -> part.name().matches("[A-Za-z0-9._-]+"));
        if (!plain || source.parts().size() > ContentStatement.MAX_FILES) {
            throw ClientException.local(
                    "the model has external data in sub-folders, under odd names or in more than "
                            + ContentStatement.MAX_FILES
                            + " files",
                    "save it again with all external data in one file beside the graph");
        }
    }

    /** Counts what is read, for the progress listener. */
    private static final class Counter {
        private final Progress progress;
        private long done;

        Counter(Progress progress) {
            this.progress = progress;
        }

        ReadableByteChannel over(ReadableByteChannel in) {
            return new ReadableByteChannel() {
                @Override
                public int read(ByteBuffer into) throws IOException {
                    int read = in.read(into);
                    done += Math.max(0, read);
                    progress.advanced(done);
                    return read;
                }

                @Override
                public boolean isOpen() {
                    return in.isOpen();
                }

                @Override
                public void close() throws IOException {
                    in.close();
                }
            };
        }
    }
}
