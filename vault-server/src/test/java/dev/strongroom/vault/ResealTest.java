package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Role;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.proto.v1.CommitResealResponse;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version under a new data key: what the vault lets in, what it swaps, what is gone then. */
class ResealTest {
    private static final byte[] WEIGHTS = TestOwner.weights(2_500_000);
    private static final byte[] GRAPH = TestOwner.weights(300);

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed version;
    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        owner.resealBy = List.of(HexFormat.of().formatHex(TestOwner.MEASUREMENT));
        policies = owner.setPolicies("bert");
        node = new TestNode(owner);
        version = pushed();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static Sealed pushed() {
        Sealed sealed = owner.seal("bert", GRAPH, WEIGHTS);
        owner.push(sealed);
        return sealed;
    }

    @Test
    void swapsTheSealAndForgetsTheOldDataKey() throws Exception {
        Sealed old = pushed();
        long number = current(old).getNumber();
        ReleasedKey oldKey = released(old);
        assertThat(oldKey.opens(old, owner)).isTrue();

        var reseal = new TestReseal(node);
        Sealed next = reseal.seal(old, policies, GRAPH, WEIGHTS);
        reseal.upload(next);
        assertThat(current(old).getManifest().toByteArray()).isEqualTo(old.manifest().encode());
        assertThat(released(old).t())
                .as("the old seal is in force until the swap")
                .isEqualTo(oldKey.t());

        CommitResealResponse swapped = reseal.commit(next);
        assertThat(swapped.getNumber()).isEqualTo(number);
        assertThat(swapped.getTrustLevel()).isEqualTo("SOFT_TOKEN");
        AuditRecord leaf = AuditRecord.decode(swapped.getProof().getLeaf().toByteArray());
        assertThat(leaf.type()).isEqualTo(AuditRecord.VERSION_RESEALED);
        assertThat(leaf.fields())
                .containsEntry("manifest", next.manifest().digest().hex())
                .containsEntry("previous", old.manifest().digest().hex())
                .containsEntry("epoch", "1");

        assertThat(current(old).getManifest().toByteArray()).isEqualTo(next.manifest().encode());
        assertThat(fetched(next, 1)).isEqualTo(next.files().get(1));
        for (byte[] file : old.files()) {
            assertThat(objectOf(file)).doesNotExist();
        }
        assertThat(
                        vault.count(
                                "SELECT count(*) FROM wrapped_key WHERE version_id = '"
                                        + old.id()
                                        + "'"))
                .isEqualTo(1);
        Refusal.of(() -> node.ask(node.request(old, policies))).byRule("version.manifest");
        ReleasedKey newKey = released(next);
        assertThat(newKey.t()).isNotEqualTo(oldKey.t());
        assertThat(newKey.opens(next, owner)).isTrue();
        assertThat(oldKey.opens(next, owner)).as("the old data key opens nothing new").isFalse();

        // Asked again, it answers the same; and the next seal follows this one.
        assertThat(reseal.commit(next).getProof().getLeafIndex())
                .isEqualTo(swapped.getProof().getLeafIndex());
        var again = new TestReseal(node);
        Sealed third = again.seal(next, policies, GRAPH, WEIGHTS);
        again.push(third);
        assertThat(released(third).opens(third, owner)).isTrue();
        vault.restart();
        assertThat(released(third).opens(third, owner)).isTrue();
    }

    @Test
    void refusesAFetchOfAnotherSeal() {
        Sealed old = pushed();
        var reseal = new TestReseal(node);
        Sealed next = reseal.seal(old, policies, GRAPH, WEIGHTS);
        reseal.push(next);
        Refusal.of(() -> fetched(old, 0)).isFor(Reason.VERSION_RESEALED);
    }

    /** The rows as they were before: whoever has the database brings no old data key back. */
    @Test
    void anOldSealWrittenBackIsNotInForce() throws Exception {
        Sealed old = pushed();
        String where = " WHERE version_id = '" + old.id() + "'";
        vault.sql(
                "CREATE TABLE kept_version AS SELECT * FROM version" + where,
                "CREATE TABLE kept_key AS SELECT * FROM wrapped_key" + where);
        var reseal = new TestReseal(node);
        Sealed next = reseal.seal(old, policies, GRAPH, WEIGHTS);
        reseal.push(next);
        vault.sql(
                "UPDATE version SET (manifest, manifest_digest, import_digest, countersignature,"
                        + " audit_leaf) = (SELECT manifest, manifest_digest, import_digest,"
                        + " countersignature, audit_leaf FROM kept_version)"
                        + where,
                "UPDATE wrapped_key SET record = (SELECT record FROM kept_key)" + where);
        for (int start = 0; start < 2; start++) {
            Refusal.of(() -> current(old)).isFor(Reason.MANIFEST_NOT_AUTHENTIC);
            Refusal.of(() -> node.ask(node.request(old, policies)))
                    .byRule("vault.manifest_not_authentic");
            vault.restart();
        }
        vault.sql("DROP TABLE kept_version", "DROP TABLE kept_key");
    }

    // What is not let in.

    @Test
    void refusesWithoutTheOwnersGrant() {
        owner.resealBy = List.of();
        Sealed closed = pushed();
        owner.resealBy = List.of(HexFormat.of().formatHex(TestOwner.MEASUREMENT));
        refuses(closed, new TestReseal(node), "seal.proof").saying("the owner lets none");
    }

    @Test
    void refusesAnotherMeasurement() {
        var reseal = new TestReseal(node);
        reseal.guest = ChipConfig.launch(filled(), owner.ownerId().bytes());
        refuses(version, reseal, "seal.proof").saying("policy.snp.measurement");
    }

    /** Allowed to seal anew, but no longer to hold the key. */
    @Test
    void refusesANodeThatTheReleasePolicyRefuses() {
        owner.resealBy =
                List.of(
                        HexFormat.of().formatHex(TestOwner.MEASUREMENT),
                        HexFormat.of().formatHex(filled()));
        Sealed open = pushed();
        owner.resealBy = List.of(HexFormat.of().formatHex(TestOwner.MEASUREMENT));
        var reseal = new TestReseal(node);
        reseal.guest = ChipConfig.launch(filled(), owner.ownerId().bytes());
        refuses(open, reseal, "policy.snp.measurement");
    }

    @Test
    void refusesANodeOfAnotherOwner() {
        var reseal = new TestReseal(node);
        reseal.guest = ChipConfig.launch(TestOwner.MEASUREMENT, Digest.sha256().bytes());
        refuses(version, reseal, "seal.proof").saying("binding.host-data");
    }

    @Test
    void refusesEvidenceOfOtherRoles() {
        for (Role role : List.of(Role.RELEASE, Role.SERVE)) {
            var reseal = new TestReseal(node);
            reseal.role = role;
            refuses(version, reseal, "seal.proof").saying("binding.report-data");
        }
    }

    @Test
    void refusesASkippedAndARepeatedEpoch() {
        var skipping = new TestReseal(node);
        skipping.epochs = 2;
        refuses(version, skipping, "seal.epoch");
        Sealed old = pushed();
        var reseal = new TestReseal(node);
        reseal.push(reseal.seal(old, policies, GRAPH, WEIGHTS));
        refuses(old, new TestReseal(node), "seal.epoch");
    }

    @Test
    void refusesASealThatReplacesAnother() {
        var reseal = new TestReseal(node);
        reseal.previous = Optional.of(Digest.sha256());
        refuses(version, reseal, "seal.previous");
    }

    @Test
    void refusesTheOwnersOwnSeal() {
        var reseal = new TestReseal(node);
        Refusal.of(() -> reseal.begin(version)).byResealRule("seal.epoch");
    }

    @Test
    void refusesAnImportCiphertextThatWasUsed() {
        var reseal = new TestReseal(node);
        reseal.importDigest = Optional.of(Digest.sha256(version.importCiphertext()));
        refuses(version, reseal, "import.seen");
    }

    @Test
    void refusesANonceThatIsNotTheCallersOrWasUsed() {
        var foreign = new TestReseal(node);
        foreign.nonce = Optional.of(new TestNode(owner).nonce());
        refuses(version, foreign, "nonce.unknown");
        var twice = new TestReseal(node);
        twice.nonce = Optional.of(node.nonce());
        twice.epochs = 2;
        refuses(version, twice, "seal.epoch");
        twice.epochs = 1;
        refuses(version, twice, "nonce.unknown");
    }

    @Test
    void refusesAnotherTenantsNode() {
        TestOwner other = vault.tenant("other");
        var stranger = new TestNode(other);
        Sealed next = new TestReseal(node).seal(version, policies, GRAPH, WEIGHTS);
        Refusal.of(() -> new TestReseal(stranger).begin(next)).byResealRule("seal.proof");
    }

    @Test
    void refusesOnceThePolicyIsAnother() {
        Policies first = owner.setPolicies("moving");
        Sealed moving = owner.seal("moving", GRAPH, WEIGHTS);
        owner.push(moving);
        var reseal = new TestReseal(node);
        Sealed next = reseal.seal(moving, first, GRAPH, WEIGHTS);
        reseal.upload(next);
        owner.set(owner.policy(Kind.RELEASE, "moving", 2, Optional.of(first.release())));
        Refusal.of(() -> reseal.commit(next)).byResealRule("policy.superseded");
    }

    @Test
    void refusesAnIncompleteOneAndAnImportThatIsNotDeclared() {
        var reseal = new TestReseal(node);
        Sealed next = reseal.seal(version, policies, GRAPH, WEIGHTS);
        reseal.begin(next);
        Refusal.of(() -> reseal.commit(next)).isFor(Reason.UPLOAD_INCOMPLETE);
        reseal.upload(next);
        Refusal.of(() -> reseal.commit(next, new byte[384])).isFor(Reason.IMPORT_REFUSED);
        assertThat(current(version).getManifest().toByteArray())
                .isEqualTo(version.manifest().encode());
    }

    @Test
    void aLaterDraftTakesThePlaceOfAnEarlierOne() {
        Sealed old = pushed();
        var first = new TestReseal(node);
        Sealed one = first.seal(old, policies, GRAPH, WEIGHTS);
        first.upload(one);
        var second = new TestReseal(node);
        Sealed two = second.seal(old, policies, GRAPH, WEIGHTS);
        second.upload(two);
        Refusal.of(() -> first.commit(one)).isFor(Reason.RESEAL_NOT_FOUND);
        second.commit(two);
        assertThat(current(old).getManifest().toByteArray()).isEqualTo(two.manifest().encode());
    }

    private static Refusal refuses(Sealed target, TestReseal reseal, String rule) {
        Sealed next = reseal.seal(target, policies, GRAPH, WEIGHTS);
        return Refusal.of(() -> reseal.begin(next)).byResealRule(rule);
    }

    private static byte[] filled() {
        byte[] measurement = new byte[48];
        Arrays.fill(measurement, (byte) 5);
        return measurement;
    }

    private static GetVersionResponse current(Sealed of) {
        return owner.models()
                .getVersion(
                        GetVersionRequest.newBuilder()
                                .setVersion(
                                        VersionReference.newBuilder()
                                                .setModel(of.model().toString())
                                                .setVersionId(of.idBytes()))
                                .build());
    }

    /** T as the node gets it. */
    private static ReleasedKey released(Sealed of) throws Exception {
        return ReleasedKey.to(node, of, policies);
    }

    private static byte[] fetched(Sealed of, int file) {
        var out = new ByteArrayOutputStream();
        ModelsGrpc.newBlockingStub(vault.connect(node.identity))
                .fetchObject(
                        FetchObjectRequest.newBuilder()
                                .setModel(of.model().toString())
                                .setVersionId(of.idBytes())
                                .setFileIndex(file)
                                .setManifestDigest(
                                        ByteString.copyFrom(of.manifest().digest().bytes()))
                                .build())
                .forEachRemaining(chunk -> out.writeBytes(chunk.getChunk().toByteArray()));
        return out.toByteArray();
    }

    private static Path objectOf(byte[] sealed) {
        String digest = Digest.sha256(sealed).hex();
        return vault.config
                .dataDir()
                .resolve("objects/acme/" + digest.substring(0, 2) + "/" + digest);
    }
}
