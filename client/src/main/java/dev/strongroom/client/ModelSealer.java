package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.crypto.format.CompanionFile;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    record Demands(PolicyDemand release, PolicyDemand output, Optional<OwnerAgent.PartKey> agent) {
        /** Of a version that is not split. */
        Demands(PolicyDemand release, PolicyDemand output) {
            this(release, output, Optional.empty());
        }
    }

    /** Seals, signs and makes the spool whole. */
    Spool.Sealed seal(
            Draft draft,
            PushRequest request,
            Demands demands,
            ImportCertificate certificate,
            Spool spool,
            Progress progress)
            throws ClientException, IOException {
        var identity =
                new Identity(
                        demands.agent().isPresent()
                                ? Suite.split(certificate.hash())
                                : Suite.of(certificate.hash()),
                        owner.keyId(),
                        request.model(),
                        draft.versionId());
        requirePlainNames(draft);
        try (VersionSecrets secrets = secrets(identity)) {
            List<SealedFile> sealed = sealFiles(draft, identity, secrets, spool, progress);
            var content =
                    new ContentStatement(
                            identity.suite(),
                            identity.ownerId(),
                            identity.model(),
                            identity.versionId(),
                            clock.instant(),
                            draft.preparation(),
                            draft.source().graph().name(),
                            contentEntries(draft, sealed),
                            demands.release(),
                            demands.output(),
                            request.licence(),
                            request.provenance(),
                            request.resealBy(),
                            demands.agent().map(OwnerAgent.PartKey::agent));
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
            Optional<byte[]> part =
                    demands.agent().isPresent()
                            ? Optional.of(part(demands.agent().get(), content, secrets))
                            : Optional.empty();
            spool.finish(manifest, importCiphertext, part);
            return new Spool.Sealed(
                    Checks.verified(
                            "the version just signed",
                            "restore the owner key from one backup",
                            () -> manifest.verify(owner.keyId())),
                    importCiphertext,
                    part);
        } catch (SignatureException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the owner root key cannot sign",
                    "restore owner.pem from a backup",
                    e);
        }
    }

    private VersionSecrets secrets(Identity identity) {
        return identity.suite().isSplit()
                ? VersionSecrets.split(random, identity)
                : VersionSecrets.generate(random);
    }

    /** The second part as the agent will get it: ciphertext, signed. */
    private byte[] part(OwnerAgent.PartKey agent, ContentStatement content, VersionSecrets secrets)
            throws ClientException, SignatureException {
        byte[] sealedPart =
                Checks.verified(
                        "the agent's part key",
                        "make another agent: agent init",
                        () -> secrets.wrapSecondPart(agent.spki()));
        return new PartStatement(
                        agent.agent(),
                        content.ownerId(),
                        content.model(),
                        content.versionId(),
                        Digest.sha256(content.encode()),
                        sealedPart)
                .sign(owner)
                .encode();
    }

    private List<SealedFile> sealFiles(
            Draft draft, Identity identity, VersionSecrets secrets, Spool spool, Progress progress)
            throws IOException {
        progress.step("sealing", draft.source().totalBytes());
        var counter = new Counter(progress);
        var sealed = new ArrayList<SealedFile>();
        for (ModelSource.Part part : draft.source().parts()) {
            byte[] place = identity.file(part.name(), sealed.size());
            try (FileChannel in = FileChannel.open(part.path())) {
                sealed.add(sealFile(counter.over(in), place, secrets, spool, sealed.size()));
            }
        }
        for (Draft.Companion companion : draft.companions()) {
            byte[] place = identity.file(companion.file().fileName(), sealed.size());
            var in = Channels.newChannel(new ByteArrayInputStream(companion.content()));
            sealed.add(sealFile(in, place, secrets, spool, sealed.size()));
        }
        return sealed;
    }

    private SealedFile sealFile(
            ReadableByteChannel in, byte[] place, VersionSecrets secrets, Spool spool, int index)
            throws IOException {
        try (FileChannel out = newFile(spool.sealedFile(index))) {
            SealedFile sealed = new Sealer(random).seal(in, out, secrets, place);
            out.force(true);
            return sealed;
        }
    }

    private static FileChannel newFile(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static List<FileEntry> contentEntries(Draft draft, List<SealedFile> sealed) {
        var entries = new ArrayList<FileEntry>();
        for (ModelSource.Part part : draft.source().parts()) {
            entries.add(sealed.get(entries.size()).contentEntry(part.name()));
        }
        for (Draft.Companion companion : draft.companions()) {
            entries.add(sealed.get(entries.size()).contentEntry(companion.file().fileName()));
        }
        return entries;
    }

    /** A sealed version is one flat folder; preparing makes one of any model. */
    private static void requirePlainNames(Draft draft) throws ClientException {
        List<ModelSource.Part> parts = draft.source().parts();
        boolean plain =
                parts.stream().allMatch(part -> part.name().matches("[A-Za-z0-9._-]+"))
                        && parts.stream().noneMatch(part -> CompanionFile.isReserved(part.name()));
        if (!plain || parts.size() + draft.companions().size() > ContentStatement.MAX_FILES) {
            throw ClientException.local(
                    "the model has external data in sub-folders, under odd names (or names that"
                            + " begin with strongroom.) or in more than "
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
