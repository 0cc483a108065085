package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.proto.v1.BeginVersionRequest;
import dev.strongroom.proto.v1.CommitVersionRequest;
import dev.strongroom.proto.v1.CommitVersionResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Sends a sealed version to the vault, and believes it was taken when that is proven. For one push.
 */
final class VersionSender {
    private static final Set<String> HOPELESS =
            Set.of("IMPORT_REFUSED", "IMPORT_SEEN", "VERSION_EXISTS");

    private final VaultConnection vault;
    private final TrustAnchors anchors;
    private final Progress progress;

    VersionSender(VaultConnection vault, TrustAnchors anchors, Progress progress) {
        this.vault = vault;
        this.anchors = anchors;
        this.progress = progress;
    }

    /**
     * Sends what the vault does not have yet; returns when its word for the version is verified. A
     * spool whose key the vault will never take is of no use: it is emptied.
     */
    Pushed send(Spool.Sealed sealed, LeastLevel least, VaultIdentity identity, Spool spool)
            throws ClientException, IOException, InterruptedException {
        try {
            return sendAll(sealed, least, identity, spool);
        } catch (StatusRuntimeException e) {
            if (RemoteReason.of(e).filter(HOPELESS::contains).isPresent()) {
                spool.clear();
            }
            throw e;
        }
    }

    private Pushed sendAll(
            Spool.Sealed sealed, LeastLevel least, VaultIdentity identity, Spool spool)
            throws ClientException, IOException, InterruptedException {
        VerifiedManifest manifest = sealed.manifest();
        List<Long> durable =
                vault.models()
                        .beginVersion(
                                BeginVersionRequest.newBuilder()
                                        .setManifest(
                                                ByteString.copyFrom(manifest.manifest().encode()))
                                        .build())
                        .getDurableBytesList();
        List<SealedEntry> files = manifest.seal().files();
        Checks.require(
                durable.size() == files.size(),
                "the vault speaks of " + durable.size() + " files, the version has " + files.size(),
                "ask the vault's operator");
        progress.step("uploading", files.stream().mapToLong(SealedEntry::sealedBytes).sum());
        var uploader = new Uploader(vault, manifest, progress);
        for (int i = 0; i < files.size(); i++) {
            uploader.send(i, spool.sealedFile(i), durable.get(i));
        }
        progress.step("committing", 0);
        CommitVersionResponse response =
                vault.models()
                        .commitVersion(
                                CommitVersionRequest.newBuilder()
                                        .setModel(manifest.content().model().toString())
                                        .setVersionId(
                                                ByteString.copyFrom(
                                                        manifest.content().versionId().bytes()))
                                        .setImportCiphertext(
                                                ByteString.copyFrom(sealed.importCiphertext()))
                                        .setRequiredTrustLevel(least.level().number())
                                        .build());
        return verify(response, manifest, identity);
    }

    private Pushed verify(
            CommitVersionResponse response, VerifiedManifest manifest, VaultIdentity identity)
            throws ClientException, IOException {
        String next = "the version may be visible; compare it with `strongroom model verify`";
        Countersignature word =
                Checks.verified(
                        "the vault's countersignature",
                        next,
                        () ->
                                Countersignature.verify(
                                        Dsse.decode(response.getCountersignature().toByteArray()),
                                        identity));
        Checks.require(
                word.manifestDigest().equals(manifest.digest())
                        && word.model().equals(manifest.content().model())
                        && word.versionId().equals(manifest.content().versionId())
                        && word.versionNumber() == response.getNumber()
                        && word.attestationRoot().equals(anchors.fingerprint()),
                "the vault countersigned another version",
                next);
        Proofs.ProvenLeaf leaf = Proofs.inclusion(response.getProof(), identity);
        Checks.require(
                leaf.index() == word.auditLeaf()
                        && LogLeaf.isCommit(leaf.record(), manifest, word.versionNumber()),
                "the log's leaf does not speak of this version",
                next);
        new LogMemory(vault.profile())
                .accept(leaf.checkpoint(), LogMemory.Age.ANY, identity, vault);
        return new Pushed(
                word.model(),
                word.versionNumber(),
                word.versionId(),
                word.manifestDigest(),
                word.auditLeaf(),
                response.getKekVersion(),
                response.getTrustLevel(),
                manifest.seal().files().stream().mapToLong(SealedEntry::sealedBytes).sum(),
                word.committedAt());
    }
}
