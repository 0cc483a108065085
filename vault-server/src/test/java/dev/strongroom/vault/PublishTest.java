package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.BeginVersionRequest;
import dev.strongroom.proto.v1.CommitVersionResponse;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version's way in, over real TLS into a real token. */
class PublishTest {
    private static final int SEGMENTS = 3 << 20;

    @TempDir static Path dir;
    @AutoClose private static TestVault vault;
    private static TestOwner owner;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        owner.setPolicies("bert");
    }

    @Test
    void takesAVersionAndGivesTheSameBytesBack() throws Exception {
        Sealed version = owner.seal("bert", TestOwner.weights(1000), TestOwner.weights(SEGMENTS));
        CommitVersionResponse committed = owner.push(version);
        assertThat(committed.getNumber()).isPositive();
        assertThat(committed.getTrustLevel()).isEqualTo("SOFT_TOKEN");
        assertThat(countersignature(committed).manifestDigest())
                .isEqualTo(version.manifest().digest());
        assertThat(fetch(version, 0)).isEqualTo(version.files().get(0));
        assertThat(fetch(version, 1)).isEqualTo(version.files().get(1));
    }

    private static Countersignature countersignature(CommitVersionResponse committed)
            throws Exception {
        byte[] identity =
                AdminGrpc.newBlockingStub(owner.channel())
                        .getVaultIdentity(GetVaultIdentityRequest.getDefaultInstance())
                        .getVaultIdentity()
                        .toByteArray();
        return Countersignature.verify(
                Dsse.decode(committed.getCountersignature().toByteArray()),
                VaultIdentity.verify(Dsse.decode(identity), vault.pin).signingSpki());
    }

    private static byte[] fetch(Sealed version, int file) {
        var out = new ByteArrayOutputStream();
        owner.models()
                .fetchObject(
                        FetchObjectRequest.newBuilder()
                                .setModel(version.model().toString())
                                .setVersionId(version.idBytes())
                                .setFileIndex(file)
                                .build())
                .forEachRemaining(part -> out.writeBytes(part.getChunk().toByteArray()));
        return out.toByteArray();
    }

    @Test
    void goesOnWhereAnUploadStopped() {
        Sealed version = owner.seal("bert", TestOwner.weights(SEGMENTS));
        int length = version.files().getFirst().length;
        assertThat(owner.begin(version)).containsExactly(0L);
        assertThat(owner.upload(version, 0, 0, 1_000_001)).isEqualTo(1_000_001);
        assertThat(owner.begin(version)).containsExactly(1_000_001L);
        Refusal.of(() -> owner.commit(version)).isFor(Reason.UPLOAD_INCOMPLETE);
        Refusal.of(() -> owner.upload(version, 0, 999, 2000)).isFor(Reason.UPLOAD_OFFSET);
        assertThat(owner.upload(version, 0, 1_000_001, length)).isEqualTo(length);
        assertThat(owner.begin(version)).containsExactly((long) length);
        assertThat(owner.commit(version).getNumber()).isPositive();
    }

    @Test
    void answersARepeatedCommitTheSame() {
        Sealed version = owner.seal("bert", TestOwner.weights(10));
        CommitVersionResponse first = owner.push(version);
        CommitVersionResponse again = owner.commit(version);
        assertThat(again.getNumber()).isEqualTo(first.getNumber());
        assertThat(again.getCountersignature()).isEqualTo(first.getCountersignature());
    }

    @Test
    void commitsOnceHoweverOftenItIsAskedAtOnce() {
        Sealed version = owner.seal("bert", TestOwner.weights(10));
        owner.begin(version);
        owner.upload(version, 0, 0, version.files().getFirst().length);
        List<CompletableFuture<Long>> commits =
                Stream.generate(() ->
                                CompletableFuture.supplyAsync(
                                        () -> owner.commit(version).getNumber()))
                        .limit(4)
                        .toList();
        assertThat(commits.stream().map(CompletableFuture::join).distinct()).hasSize(1);
    }

    @Test
    void showsAnUnfinishedVersionToNobody() {
        Sealed version = owner.seal("bert", TestOwner.weights(10));
        owner.begin(version);
        owner.upload(version, 0, 0, version.files().getFirst().length);
        assertThat(
                        owner.models()
                                .listModels(ListModelsRequest.getDefaultInstance())
                                .getVersionsList())
                .noneMatch(listed -> listed.getVersionId().equals(version.idBytes()));
        Refusal.of(() -> fetch(version, 0)).isFor(Reason.VERSION_NOT_FOUND);
    }

    @Test
    void refusesOtherBytesThanTheManifestDeclares() {
        Sealed version = owner.seal("bert", TestOwner.weights(5000));
        owner.begin(version);
        byte[] flipped = version.files().getFirst().clone();
        flipped[2500] ^= 1;
        Refusal.of(() -> owner.upload(version, 0, 0, flipped, 0, flipped.length))
                .isFor(Reason.OBJECT_NOT_AUTHENTIC);
        assertThat(owner.begin(version)).containsExactly(0L);
    }

    @Test
    void refusesMoreBytesThanTheManifestDeclares() {
        Sealed version = owner.seal("bert", TestOwner.weights(100));
        owner.begin(version);
        byte[] longer = new byte[version.files().getFirst().length + 1];
        Refusal.of(() -> owner.upload(version, 0, 0, longer, 0, longer.length))
                .isFor(Reason.OBJECT_TOO_LARGE);
    }

    @Test
    void refusesMoreThanATenantMayHold() throws Exception {
        TestOwner hoarder = vault.tenant("hoarder");
        hoarder.setPolicies("bert");
        Sealed first = hoarder.seal("bert", new byte[5]);
        hoarder.begin(first);
        long quota = vault.config.limits().tenantBytes();
        Sealed second = hoarder.seal("bert", new byte[6]);
        long bytes =
                second.manifest().verify(hoarder.ownerId()).seal().files().getFirst().sealedBytes();
        String fill = "UPDATE version SET sealed_bytes = %d WHERE version_id = '%s'";
        vault.sql(fill.formatted(quota - bytes + 1, first.id()));
        Refusal.of(() -> hoarder.begin(second)).isFor(Reason.QUOTA_EXCEEDED);
        vault.sql(fill.formatted(quota - bytes, first.id()));
        hoarder.begin(second);
    }

    @Test
    void refusesAManifestThatAnotherOwnerSigned() {
        Sealed theirs =
                mallory().seal("bert", owner.importCertificate(), mallory().signer, new byte[9]);
        Refusal.of(() -> owner.begin(theirs)).isFor(Reason.MANIFEST_NOT_AUTHENTIC);
    }

    /** Someone with the tenant's certificate but not with its owner root. */
    private static TestOwner mallory() {
        return new TestOwner(vault, "acme", TestIdentity.newKey(), owner.identity);
    }

    @Test
    void refusesAManifestWithAFlippedBit() {
        byte[] manifest = owner.seal("bert", new byte[9]).manifest().encode();
        List<Reason> expected = List.of(Reason.MANIFEST_MALFORMED, Reason.MANIFEST_NOT_AUTHENTIC);
        for (int at : List.of(10, 200, manifest.length / 2, manifest.length - 5)) {
            byte[] flipped = manifest.clone();
            flipped[at] ^= 0x10;
            Refusal refusal =
                    Refusal.of(() ->
                            owner.models()
                                    .beginVersion(
                                            BeginVersionRequest.newBuilder()
                                                    .setManifest(ByteString.copyFrom(flipped))
                                                    .build()));
            assertThat(expected).contains(Reason.valueOf(refusal.info().getReason()));
        }
    }

    @Test
    void refusesAVersionOfAModelWithoutPolicies() {
        Sealed version = owner.seal("no-policy", new byte[9]);
        Refusal.of(() -> owner.begin(version)).isFor(Reason.POLICY_NOT_FOUND);
    }

    @Test
    void refusesAnImportCiphertextThatTheManifestDoesNotName() {
        Sealed version = owner.seal("bert", new byte[9]);
        owner.begin(version);
        owner.upload(version, 0, 0, version.files().getFirst().length);
        byte[] other = version.importCiphertext().clone();
        other[7] ^= 1;
        Refusal.of(() -> owner.commit(version, other)).isFor(Reason.IMPORT_REFUSED);
        assertThat(owner.commit(version).getNumber()).isPositive();
    }

    @Test
    void refusesTheImportCiphertextOfAnotherTenantWithTheSameError() {
        TestOwner eve = vault.tenant("eve");
        eve.setPolicies("bert");
        // Signed by eve, for eve, but the key inside is wrapped to acme's import key.
        Sealed stolen = eve.seal("bert", owner.importCertificate(), eve.signer, new byte[9]);
        eve.begin(stolen);
        eve.upload(stolen, 0, 0, stolen.files().getFirst().length);
        Refusal.of(() -> eve.commit(stolen)).isFor(Reason.IMPORT_REFUSED);
        for (int i = 0; i < 9; i++) {
            Refusal.of(() -> eve.commit(stolen)).isFor(Reason.IMPORT_REFUSED);
        }
        Refusal.of(() -> eve.commit(stolen)).isFor(Reason.TOO_MANY_FAILURES);
    }

    @Test
    void neverStoresTheImportCiphertext() throws Exception {
        Sealed version = owner.seal("bert", new byte[9]);
        owner.push(version);
        byte[] database =
                java.nio.file.Files.readAllBytes(vault.config.dataDir().resolve("vault.db"));
        byte[] log =
                java.nio.file.Files.readAllBytes(vault.config.dataDir().resolve("vault.db-wal"));
        String needle =
                new String(
                        version.importCiphertext(), java.nio.charset.StandardCharsets.ISO_8859_1);
        for (byte[] file : List.of(database, log)) {
            assertThat(
                            new String(file, java.nio.charset.StandardCharsets.ISO_8859_1)
                                    .contains(needle))
                    .isFalse();
        }
    }
}
