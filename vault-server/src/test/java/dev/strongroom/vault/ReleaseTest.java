package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.LogSigner;
import dev.strongroom.vault.audit.TailKey;
import dev.strongroom.vault.audit.Witnesses;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence in, lease out; and everything that must not get one. */
class ReleaseTest {
    private static final byte[] OTHER_48 = filled(48);
    private static final byte[] OTHER_32 = filled(32);

    private static final String RELEASES =
            "SELECT count(*) FROM audit_leaf WHERE instr(leaf, 'key.released') > 0";

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed version;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        version = owner.seal("bert", TestOwner.weights(100));
        owner.push(version);
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    @Test
    void releasesTheKeyToAnAttestedNode() throws Exception {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        RequestLeaseResponse response = node.ask(request);

        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.DECRYPT_MODE, node.kem().getPrivate(), OaepHash.SHA1.parameters());
        assertThat(oaep.doFinal(response.getWrappedKey().toByteArray())).hasSize(32);

        VaultIdentity identity = identity(node);
        Lease lease =
                Lease.verify(
                        Dsse.decode(response.getLease().toByteArray()), identity.signingSpki());
        assertThat(lease.nonce()).isEqualTo(request.getNonce().toByteArray());
        assertThat(lease.bootId()).isEqualTo(node.bootId);
        assertThat(lease.seq()).isEqualTo(1);
        assertThat(lease.manifestDigest()).isEqualTo(version.manifest().digest());
        assertThat(lease.trustLevel()).isEqualTo(TrustLevel.SOFT_TOKEN);
        assertThat(lease.tee()).isEqualTo(Tee.SIMULATED);
        assertThat(lease.rootFingerprint()).isEqualTo(vault.anchors().fingerprint());
        assertThat(lease.auditLeaf()).isEqualTo(response.getProof().getLeafIndex());

        Checkpoint checkpoint = requireProven(response.getProof(), identity);
        AuditRecord leaf = AuditRecord.decode(response.getProof().getLeaf().toByteArray());
        assertThat(leaf.type()).isEqualTo(AuditRecord.KEY_RELEASED);
        assertThat(leaf.fields()).containsEntry("tee", "simulated");

        X509Certificate tls = certificate(response, 0);
        tls.verify(vault.operator.ca().getPublicKey());
        assertThat(tls.getPublicKey()).isEqualTo(node.tls.getPublic());
        assertThat(tls.getSubjectAlternativeNames().toString())
                .contains("localhost", "127.0.0.1", "acme.node.strongroom.internal");

        // The next lease of this boot counts on, and its log continues the one just seen.
        RequestLeaseResponse next =
                node.ask(node.request(version, policies).setLastCheckpointSize(checkpoint.size()));
        Checkpoint later = requireProven(next.getProof(), identity);
        assertThat(
                        MerkleProofs.verifyConsistency(
                                checkpoint.size(),
                                checkpoint.root(),
                                later.size(),
                                later.root(),
                                digests(next.getConsistencyList())))
                .isTrue();
        assertThat(
                        Lease.verify(
                                        Dsse.decode(next.getLease().toByteArray()),
                                        identity.signingSpki())
                                .seq())
                .isEqualTo(2);
    }

    @Test
    void aLeaseAllowsNoMoreInferencesThanTheOwnersOutputPolicyRows() throws Exception {
        Policies few = capped("capped", 7);
        Sealed sealed = owner.seal("capped", TestOwner.weights(100));
        owner.push(sealed);
        var node = new TestNode(owner);
        RequestLeaseResponse granted = node.ask(node.request(sealed, few));
        assertThat(
                        Lease.verify(
                                        Dsse.decode(granted.getLease().toByteArray()),
                                        identity(node).signingSpki())
                                .maxInferences())
                .isEqualTo(7);

        Policies none = capped("closed", 0);
        Sealed closed = owner.seal("closed", TestOwner.weights(100));
        owner.push(closed);
        Refusal.of(() -> node.ask(node.request(closed, none))).byRule("policy.caps");
    }

    private static Policies capped(String model, long rowsPerLease) {
        String body =
                OutputPolicy.standard()
                        .canonical()
                        .replaceFirst("(\"caps\":.*\"rowsPerLease\":)[0-9]+", "$1" + rowsPerLease);
        return new Policies(
                owner.set(owner.policy(Kind.RELEASE, model, 1, Optional.empty())),
                owner.set(output(model, body)));
    }

    private static PolicyDocument output(String model, String body) {
        PolicyDocument standard = owner.policy(Kind.OUTPUT, model, 1, Optional.empty());
        return new PolicyDocument(
                standard.kind(),
                standard.scope(),
                standard.id(),
                standard.seq(),
                standard.previous(),
                standard.notAfter(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void releasesNoKeyThatIsKeptAtALowerLevelThanTheOwnerDemands() throws Exception {
        Sealed sealed = owner.seal("kept", TestOwner.weights(100));
        PolicyDocument first = keptAt("kept", 1, Optional.empty(), "soft-token");
        var policies = new Policies(owner.set(first), owner.setOutput("kept"));
        owner.push(sealed);
        var node = new TestNode(owner);
        node.ask(node.request(sealed, policies));

        PolicyDocument second = keptAt("kept", 2, Optional.of(policies.release()), "hsm");
        var higher = new Policies(owner.set(second), 2, policies.output());
        Refusal.of(() -> node.ask(node.request(sealed, higher))).byRule("policy.trust-level");
        Refusal.of(() -> node.renew(node.renewal(sealed, higher)))
                .byRenewalRule("policy.trust-level");
    }

    @Test
    void aPolicyThatDemandsAnUnknownLevelIsNotSet() {
        Refusal.of(() -> owner.set(keptAt("odd", 1, Optional.empty(), "vaulted")))
                .isFor(Reason.POLICY_MALFORMED);
    }

    private static PolicyDocument keptAt(
            String model, long seq, Optional<Digest> previous, String level) {
        return TestOwner.demanding(
                owner.policy(Kind.RELEASE, model, seq, previous),
                "\"minTrustLevel\":\"" + level + "\"");
    }

    @Test
    void anOutputPolicyOutsideItsGrammarIsNotSet() {
        Refusal.of(() -> owner.set(output("lax", "{\"version\":1}")))
                .isFor(Reason.POLICY_MALFORMED);
    }

    private static VaultIdentity identity(TestNode node) throws Exception {
        byte[] identity =
                node.release()
                        .getChallenge(
                                dev.strongroom.proto.v1.GetChallengeRequest.getDefaultInstance())
                        .getVaultIdentity()
                        .toByteArray();
        return VaultIdentity.verify(Dsse.decode(identity), vault.pin);
    }

    private static Checkpoint requireProven(InclusionProof proof, VaultIdentity identity)
            throws Exception {
        Checkpoint checkpoint =
                SignedCheckpoint.parse(proof.getCheckpoint())
                        .verify(
                                NoteKey.of(identity.logOrigin(), identity.signingSpki()),
                                WitnessQuorum.NONE);
        assertThat(
                        MerkleProofs.verifyInclusion(
                                MerkleTree.leafHash(proof.getLeaf().toByteArray()),
                                proof.getLeafIndex(),
                                checkpoint.size(),
                                digests(proof.getPathList()),
                                checkpoint.root()))
                .isTrue();
        return checkpoint;
    }

    private static List<Digest> digests(List<ByteString> hashes) {
        return hashes.stream().map(hash -> Digest.of(hash.toByteArray())).toList();
    }

    private static X509Certificate certificate(RequestLeaseResponse response, int index) {
        return CertificateAuthority.parse(response.getTlsChain(index).toByteArray());
    }

    // Nonces.

    @Test
    void refusesANonceThatWasUsed() {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        node.ask(request);
        Refusal.of(() -> node.ask(request)).byRule("nonce.unknown");
    }

    @Test
    void refusesANonceThatARefusalUsedUp() {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        RequestLeaseRequest.Builder bad =
                request.clone().setManifestDigest(ByteString.copyFrom(OTHER_32));
        Refusal.of(() -> node.ask(bad)).byRule("version.manifest");
        Refusal.of(() -> node.ask(request)).byRule("nonce.unknown");
    }

    @Test
    void refusesANonceThatItNeverGave() {
        var node = new TestNode(owner);
        byte[] nonce = OTHER_32;
        var evidence =
                node.evidence(
                        node.guest(), node.transcript(Role.RELEASE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence)))
                .byRule("nonce.stale");
    }

    @Test
    void refusesAMissingNonce() {
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(version, policies).setNonce(ByteString.EMPTY)))
                .isFor(Reason.REQUEST_MALFORMED);
    }

    @Test
    void refusesTheNonceOfAnotherNode() {
        var node = new TestNode(owner);
        var other = new TestNode(owner);
        byte[] nonce = other.nonce();
        var evidence =
                node.evidence(
                        node.guest(), node.transcript(Role.RELEASE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence)))
                .byRule("nonce.unknown");
        var own =
                other.evidence(
                        other.guest(), other.transcript(Role.RELEASE, version, policies, nonce));
        other.ask(other.request(version, policies, nonce, own)); // it is still the other's to use
    }

    @Test
    void refusesAnExpiredNonce() {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        vault.clock.advance(Duration.ofMinutes(3));
        Refusal.of(() -> node.ask(request)).byRule("challenge.expired");
    }

    // Evidence.

    @Test
    void refusesEvidenceThatIsForServing() {
        var node = new TestNode(owner);
        byte[] nonce = node.nonce();
        var serve =
                node.evidence(node.guest(), node.transcript(Role.SERVE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, serve)))
                .byRule("binding.report-data");
    }

    @Test
    void refusesAnotherMeasurement() {
        refusesGuest("policy.snp.measurement", guest -> guest.withMeasurement(OTHER_48));
    }

    @Test
    void refusesADebuggableGuest() {
        refusesGuest("snp.policy.debug", dev.strongroom.testkit.ChipConfig::withDebug);
    }

    @Test
    void refusesAGuestLaunchedForAnotherOwner() {
        refusesGuest("binding.host-data", guest -> guest.withHostData(OTHER_32));
    }

    private static void refusesGuest(
            String rule, java.util.function.UnaryOperator<dev.strongroom.testkit.ChipConfig> bend) {
        var node = new TestNode(owner);
        byte[] nonce = node.nonce();
        var evidence =
                node.evidence(
                        bend.apply(node.guest()),
                        node.transcript(Role.RELEASE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence))).byRule(rule);
    }

    @Test
    void refusesAChipUnderAnotherRoot() throws Exception {
        var node = new TestNode(owner);
        var stranger = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        byte[] nonce = node.nonce();
        var evidence =
                stranger.guest(node.guest())
                        .evidence(
                                node.transcript(Role.RELEASE, version, policies, nonce)
                                        .reportData());
        Refusal refusal =
                Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence)))
                        .isFor(Reason.RELEASE_REFUSED);
        assertThat(refusal.info().getMetadataOrThrow("rule")).startsWith("snp.");
    }

    @Test
    void refusesAKemKeyThatTheEvidenceDoesNotSpeakFor() throws Exception {
        var node = new TestNode(owner);
        var generator = java.security.KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        byte[] rogue = generator.generateKeyPair().getPublic().getEncoded();
        Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setKemSpki(ByteString.copyFrom(rogue))))
                .byRule("binding.report-data");
    }

    @Test
    void refusesATlsKeyThatTheEvidenceDoesNotSpeakFor() {
        var node = new TestNode(owner);
        KeyPair rogue = TestIdentity.newKey();
        Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setTlsSpki(
                                                ByteString.copyFrom(rogue.getPublic().getEncoded()))
                                        .setTlsCsr(ByteString.copyFrom(TestIdentity.csr(rogue)))))
                .byRule("binding.report-data");
    }

    @Test
    void refusesASigningRequestForAnotherKey() {
        var node = new TestNode(owner);
        KeyPair rogue = TestIdentity.newKey();
        Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setTlsCsr(ByteString.copyFrom(TestIdentity.csr(rogue)))))
                .byRule("tls.possession");
    }

    // Policies.

    @Test
    void refusesANodeThatSawAnotherPolicy() {
        var node = new TestNode(owner);
        var other = new Policies(policies.release(), version.manifest().digest());
        Refusal.of(() -> node.ask(node.request(version, other))).byRule("policy.superseded");
    }

    @Test
    void refusesOnceANewerPolicyForbidsTheNode() {
        Policies first = owner.setPolicies("strict");
        Sealed strict = owner.seal("strict", new byte[5]);
        owner.push(strict);
        var node = new TestNode(owner);
        node.ask(node.request(strict, first));
        var body = ChipPolicy.json(new byte[48]).getBytes(StandardCharsets.UTF_8);
        PolicyDocument current =
                owner.policy(Kind.RELEASE, "strict", 2, Optional.of(first.release()));
        owner.set(
                new PolicyDocument(
                        current.kind(),
                        current.scope(),
                        current.id(),
                        current.seq(),
                        current.previous(),
                        current.notAfter(),
                        body));
        Refusal.of(() -> node.ask(node.request(strict, first))).byRule("policy.superseded");
    }

    @Test
    void refusesAPolicyRowReplacedByAnotherModels() throws Exception {
        Policies shortLived = owner.setPolicies("brief");
        Sealed brief = owner.seal("brief", new byte[5]);
        owner.push(brief);
        var node = new TestNode(owner);
        node.ask(node.request(brief, shortLived));
        vault.sql(
                "UPDATE policy SET envelope = (SELECT envelope FROM policy WHERE model = 'bert' AND"
                        + " kind = 'RELEASE') WHERE model = 'brief' AND kind = 'RELEASE'");
        Refusal.of(() -> node.ask(node.request(brief, shortLived)))
                .byRule("vault.policy_not_authentic");
    }

    /** The owner's word counts from the moment the vault took it, not from the next request. */
    @Test
    void refusesAPolicySupersededBetweenAppraisalAndRelease() throws Exception {
        Policies first = owner.setPolicies("overtaken");
        Sealed model = owner.seal("overtaken", new byte[5]);
        owner.push(model);
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(model, first);
        PolicyDocument next =
                owner.policy(Kind.RELEASE, "overtaken", 2, Optional.of(first.release()));
        vault.clock.duringVerification(() -> owner.set(next));
        long released = vault.count(RELEASES);
        Refusal.of(() -> node.ask(request)).byRule("policy.superseded");
        assertThat(vault.count(RELEASES)).isEqualTo(released);
        Refusal.of(() -> node.ask(request)).byRule("nonce.unknown");
    }

    /** A node that an owner shut out must not come back by deleting what shut it out. */
    @Test
    void refusesAWithdrawnPolicyThatIsTheNewestRowAgain() throws Exception {
        Policies first = owner.setPolicies("withdrawn");
        Sealed model = owner.seal("withdrawn", new byte[5]);
        owner.push(model);
        var node = new TestNode(owner);
        node.ask(node.request(model, first));
        owner.set(owner.policy(Kind.RELEASE, "withdrawn", 2, Optional.of(first.release())));
        vault.sql("DELETE FROM policy WHERE model = 'withdrawn' AND seq = 2");
        Refusal.of(() -> node.ask(node.request(model, first))).byRule("vault.policy_not_authentic");
        var show = GetPoliciesRequest.newBuilder().setModel("acme/withdrawn").build();
        Refusal refusal =
                Refusal.of(() -> owner.models().getPolicies(show))
                        .isFor(Reason.POLICY_NOT_AUTHENTIC);
        assertThat(refusal.message()).contains("restore the data folder from a backup");
        vault.sql("DELETE FROM policy WHERE model = 'withdrawn'");
        Refusal.of(() -> owner.models().getPolicies(show)).isFor(Reason.POLICY_NOT_AUTHENTIC);
    }

    /** The same rules, signed by whom the database calls the owner now, are not the owner's. */
    @Test
    void refusesAPolicyOfAnOwnerThatIsNotTheVersions() throws Exception {
        TestOwner victim = vault.tenant("victim");
        victim.setPolicies("bert");
        var manifest = victim.seal("bert", new byte[5]).manifest().verify(victim.ownerId());
        var mallory = new TestOwner(vault, "victim", TestIdentity.newKey(), victim.identity);
        byte[] forged =
                mallory.sign(mallory.policy(Kind.RELEASE, "bert", 1, Optional.empty())).encode();
        VaultIdentity identity = identity(new TestNode(owner));
        vault.sql("DELETE FROM audit_tail"); // all is signed at this moment
        try (Database database = Database.open(vault.config.dataDir())) {
            AuditLog log =
                    AuditLog.open(
                            database,
                            LogSigner.of(
                                    identity.logOrigin(), mallory.signer, identity.signingSpki()),
                            new TailKey(new byte[32]),
                            Witnesses.none(),
                            vault.clock);
            var policies = new PoliciesInForce(database, log);
            database.<RefusedException>change(handle -> policies.inForce(handle, manifest));
            HexFormat hex = HexFormat.of();
            vault.sql(
                    "UPDATE tenant SET owner_id = '%s', owner_spki = x'%s' WHERE name = 'victim'"
                            .formatted(
                                    mallory.ownerId().hex(),
                                    hex.formatHex(mallory.root.getPublic().getEncoded())),
                    "UPDATE policy SET envelope = x'%s' WHERE tenant = 'victim' AND kind = 'RELEASE'"
                            .formatted(hex.formatHex(forged)));
            var refusal =
                    catchThrowableOfType(
                            RefusedException.class,
                            () ->
                                    database.<RefusedException>change(
                                            handle -> policies.inForce(handle, manifest)));
            assertThat(refusal.reason()).isEqualTo(Reason.POLICY_NOT_AUTHENTIC);
        }
    }

    @Test
    void acceptsPoliciesOnlyInOrder() {
        Policies first = owner.setPolicies("ordered");
        var repeated = owner.policy(Kind.RELEASE, "ordered", 1, Optional.empty());
        Refusal.of(() -> owner.set(repeated)).isFor(Reason.POLICY_CONFLICT);
        var begunAnew = owner.policy(Kind.RELEASE, "ordered", 2, Optional.empty());
        Refusal.of(() -> owner.set(begunAnew)).isFor(Reason.POLICY_CONFLICT);
        var broken = owner.policy(Kind.RELEASE, "ordered", 2, Optional.of(first.output()));
        Refusal.of(() -> owner.set(broken)).isFor(Reason.POLICY_CONFLICT);
        Digest later =
                owner.set(owner.policy(Kind.RELEASE, "ordered", 3, Optional.of(first.release())));
        var kept = owner.policy(Kind.RELEASE, "ordered", 2, Optional.of(first.release()));
        Refusal.of(() -> owner.set(kept)).isFor(Reason.POLICY_CONFLICT);
        owner.set(owner.policy(Kind.RELEASE, "ordered", 4, Optional.of(later)));
    }

    @Test
    void refusesAPolicyOfAnotherOwner() {
        var mallory = new TestOwner(vault, "acme", TestIdentity.newKey(), owner.identity);
        byte[] forged =
                mallory.sign(mallory.policy(Kind.RELEASE, "forged", 1, Optional.empty())).encode();
        Refusal.of(() ->
                        owner.models()
                                .setPolicy(
                                        SetPolicyRequest.newBuilder()
                                                .setDocument(ByteString.copyFrom(forged))
                                                .build()))
                .isFor(Reason.POLICY_NOT_AUTHENTIC);
    }

    @Test
    void refusesAReleasePolicyThatDoesNotParse() {
        PolicyDocument good = owner.policy(Kind.RELEASE, "loose", 1, Optional.empty());
        var loose =
                new PolicyDocument(
                        good.kind(),
                        good.scope(),
                        good.id(),
                        1,
                        Optional.empty(),
                        good.notAfter(),
                        "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Refusal.of(() -> owner.set(loose)).isFor(Reason.POLICY_MALFORMED);
    }

    // The database behind the vault's back.

    @Test
    void refusesKeyRecordsThatWereSwapped() throws Exception {
        Policies swappable = owner.setPolicies("swapped");
        Sealed one = owner.seal("swapped", new byte[5]);
        Sealed two = owner.seal("swapped", new byte[6]);
        owner.push(one);
        owner.push(two);
        vault.sql(
                "CREATE TEMP TABLE t AS SELECT version_id, record FROM wrapped_key",
                swap(one, two),
                swap(two, one));
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(one, swappable))).byRule("record.authentic");
        Refusal.of(() -> node.ask(node.request(two, swappable))).byRule("record.authentic");
    }

    private static String swap(Sealed to, Sealed from) {
        return "UPDATE wrapped_key SET record = (SELECT record FROM t WHERE version_id = '"
                + from.id()
                + "') WHERE version_id = '"
                + to.id()
                + "'";
    }

    @Test
    void refusesAKeyRecordWithAFlippedBit() throws Exception {
        Policies flippable = owner.setPolicies("flipped");
        Sealed flipped = owner.seal("flipped", new byte[5]);
        owner.push(flipped);
        vault.sql(
                "UPDATE wrapped_key SET record = CAST(substr(record, 1, length(record) - 1) ||"
                        + " x'00' AS BLOB) WHERE version_id = '"
                        + flipped.id()
                        + "'");
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(flipped, flippable))).byRule("record.authentic");
    }

    /** An old version must not become the latest one in the place of its successor. */
    @Test
    void refusesVersionsWhoseNumbersWereChanged() throws Exception {
        Policies renumbered = owner.setPolicies("renumbered");
        Sealed one = owner.seal("renumbered", new byte[5]);
        Sealed two = owner.seal("renumbered", new byte[6]);
        owner.push(one);
        owner.push(two);
        vault.sql(
                "UPDATE version SET number = number + 2 WHERE version_id = '" + one.id() + "'",
                "UPDATE version SET countersignature = (SELECT countersignature FROM version WHERE"
                        + " version_id = '"
                        + one.id()
                        + "') WHERE version_id = '"
                        + two.id()
                        + "'");
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(one, renumbered))).byRule("version.number");
        Refusal.of(() -> node.ask(node.request(two, renumbered))).byRule("version.number");
        var latest =
                GetVersionRequest.newBuilder()
                        .setVersion(
                                VersionReference.newBuilder()
                                        .setModel("acme/renumbered")
                                        .setNumber(0))
                        .build();
        Refusal.of(() -> owner.models().getVersion(latest)).isFor(Reason.VERSION_NOT_AUTHENTIC);
        var all = ListModelsRequest.getDefaultInstance();
        Refusal.of(() -> owner.models().listModels(all)).isFor(Reason.VERSION_NOT_AUTHENTIC);
        Refusal.of(() -> owner.commit(one)).isFor(Reason.VERSION_NOT_AUTHENTIC);
        vault.sql(
                "DELETE FROM wrapped_key WHERE version_id IN ('%s', '%s')"
                        .formatted(one.id(), two.id()));
        vault.sql("DELETE FROM version WHERE model = 'renumbered'");
    }

    @Test
    void refusesAVersionThatIsNotCommitted() {
        Sealed pending = owner.seal("bert", new byte[5]);
        owner.begin(pending);
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(pending, policies))).byRule("version.unknown");
    }

    @Test
    void saysThatItsLogIsShorterThanTheNodeRemembers() {
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(version, policies).setLastCheckpointSize(1_000_000)))
                .isFor(Reason.LOG_SHORTER);
    }

    @Test
    void logsEveryRefusal() throws Exception {
        var node = new TestNode(owner);
        long before = vault.count("SELECT count(*) FROM audit_leaf");
        Refusal refusal =
                Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setManifestDigest(ByteString.copyFrom(OTHER_32))));
        refusal.byRule("version.manifest");
        assertThat(vault.count("SELECT count(*) FROM audit_leaf")).isGreaterThan(before);
        assertThat(Long.parseLong(refusal.info().getMetadataOrThrow("audit-leaf")))
                .isGreaterThanOrEqualTo(before);
    }
}
