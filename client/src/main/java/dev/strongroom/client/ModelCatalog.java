package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetInclusionProofRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.ListModelsResponse;
import dev.strongroom.proto.v1.VersionReference;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.List;

/** Looks at what a vault holds, and checks it. Thread-safe. */
public final class ModelCatalog {
    private static final String NEXT =
            "do not serve this version; push the model again and tell the vault's operator";

    private final VaultConnection vault;
    private final EvidenceVerifier verifier;

    /**
     * @param verifier of the nodes that sealed versions anew
     */
    public ModelCatalog(VaultConnection vault, EvidenceVerifier verifier) {
        this.vault = vault;
        this.verifier = verifier;
    }

    /**
     * A version that the pinned owner signed.
     *
     * @param number the vault's name for it, not authenticated
     */
    public record Version(long number, VerifiedManifest manifest) {}

    /** What the vault says it holds for this identity, unverified. */
    public List<ListModelsResponse.Version> list() {
        return vault.models().listModels(ListModelsRequest.getDefaultInstance()).getVersionsList();
    }

    /**
     * One version, its manifest verified against the profile's owner.
     *
     * @param number 0 for the latest
     */
    public Version get(ModelName model, long number) throws ClientException, IOException {
        return get(model, VersionReference.newBuilder().setNumber(number));
    }

    /** The version of this id, its manifest verified against the profile's owner. */
    public Version get(ModelName model, VersionId id) throws ClientException, IOException {
        Version found =
                get(
                        model,
                        VersionReference.newBuilder()
                                .setVersionId(ByteString.copyFrom(id.bytes())));
        Checks.require(
                found.manifest.content().versionId().equals(id),
                "the vault answered with another version than " + id,
                NEXT);
        return found;
    }

    private Version get(ModelName model, VersionReference.Builder version)
            throws ClientException, IOException {
        Digest owner = vault.profile().requireOwner();
        var response =
                vault.models()
                        .getVersion(
                                GetVersionRequest.newBuilder()
                                        .setVersion(version.setModel(model.toString()))
                                        .build());
        VerifiedManifest manifest =
                Checks.verified(
                        "the manifest of " + model,
                        NEXT,
                        () ->
                                Manifest.decode(response.getManifest().toByteArray())
                                        .verify(owner, verifier));
        Checks.require(
                manifest.content().model().equals(model),
                "the vault answered with a version of " + manifest.content().model(),
                NEXT);
        return new Version(response.getNumber(), manifest);
    }

    /** Fetches every sealed file of a version and compares it with the owner's statement. */
    public void verifyObjects(Version version, Progress progress) throws ClientException {
        List<SealedEntry> files = version.manifest.seal().files();
        progress.step(
                "verifying sealed files", files.stream().mapToLong(SealedEntry::sealedBytes).sum());
        long done = 0;
        for (int i = 0; i < files.size(); i++) {
            done = verifyObject(version, i, done, progress);
        }
    }

    /**
     * Proves that a leaf of the log speaks of the version.
     *
     * @return the type of the record
     */
    public String verifyLeaf(Version version, long leaf, Digest pin, TrustAnchors anchors)
            throws ClientException, IOException {
        VaultIdentity identity = vault.identify(pin, anchors);
        var request = GetInclusionProofRequest.newBuilder().setLeafIndex(leaf).build();
        Proofs.ProvenLeaf proven =
                Proofs.inclusion(vault.audit().getInclusionProof(request).getProof(), identity);
        Checks.require(
                proven.index() == leaf
                        && LogLeaf.isOfVersion(proven.record(), version.manifest, version.number),
                "leaf " + leaf + " of the log does not speak of this version",
                "name the leaf that the push printed");
        new LogMemory(vault.profile())
                .accept(proven.checkpoint(), LogMemory.Age.LATEST, identity, vault);
        return proven.record().type();
    }

    private long verifyObject(Version version, int index, long before, Progress progress)
            throws ClientException {
        SealedEntry expected = version.manifest.seal().files().get(index);
        String name = version.manifest.content().files().get(index).name();
        MessageDigest sha256 = Digest.newSha256();
        long bytes = 0;
        Iterator<FetchObjectResponse> chunks =
                vault.downloads().fetchObject(request(version, index));
        while (chunks.hasNext()) {
            ByteString chunk = chunks.next().getChunk();
            bytes += chunk.size();
            Checks.require(
                    bytes <= expected.sealedBytes(), "sealed " + name + " is too long", NEXT);
            chunk.asReadOnlyByteBufferList().forEach(sha256::update);
            progress.advanced(before + bytes);
        }
        Checks.require(
                bytes == expected.sealedBytes()
                        && Digest.of(sha256.digest()).equals(expected.digest()),
                "sealed " + name + " is not what the owner signed",
                NEXT);
        return before + bytes;
    }

    private static FetchObjectRequest request(Version version, int index) {
        return FetchObjectRequest.newBuilder()
                .setModel(version.manifest.content().model().toString())
                .setVersionId(ByteString.copyFrom(version.manifest.content().versionId().bytes()))
                .setFileIndex(index)
                .build();
    }
}
