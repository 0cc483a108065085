package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc.ReleaseBlockingStub;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.testkit.ChipPolicy;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks on the protocol by a host, an operator with the vault's disk, another tenant, and a thief
 * of a node's certificate, on running processes. What needs a bent message on the wire is attacked
 * in the vault's, the node's and the client's own tests.
 */
@Tag("nightly")
class ProtocolAttackTest {
    private static final int DENIED = 4;
    private static final int INTEGRITY = 5;
    private static final String ZEROS = "00";

    private static Deployment world;
    private static Tenant mallory;

    @BeforeAll
    static void serve() throws Exception {
        world = Deployment.serving();
        mallory = world.newTenant("mallory");
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    // The host, which decides how a node is launched.

    static Stream<Arguments> launches() {
        return Stream.of(
                Arguments.of(List.of("--debug-guest"), "snp.policy.debug"),
                Arguments.of(List.of("--vmpl", "1"), "snp.vmpl"),
                Arguments.of(List.of("--measurement", ZEROS.repeat(48)), "policy.snp.measurement"));
    }

    @ParameterizedTest
    @MethodSource("launches")
    void theVaultRefusesAGuestLaunchedOtherwise(List<String> options, String rule)
            throws Exception {
        HandmadeNode node =
                HandmadeNode.of(world, world.model()).launched(options.toArray(String[]::new));
        refused(node, DENIED, rule);
    }

    @Test
    void aNodeLaunchedForAnotherOwnerRefusesTheModel() throws Exception {
        HandmadeNode node =
                HandmadeNode.of(world, world.model()).launchedFor(mallory.ownerId().hex());
        refused(node, INTEGRITY, "owner");
    }

    @Test
    void onlyTheChipThatThePolicyNamesGetsTheKey() throws Exception {
        ModelName model = world.acme().model("one-chip");
        String chip = "ab".repeat(64);
        world.permit(
                model,
                ChipPolicy.draft(world.measurement()).oneOf("snp.chip-id", List.of(chip)).json());
        world.push(model, plain(33));
        HandmadeNode node = HandmadeNode.of(world, model);
        refused(node, DENIED, "policy.snp.chip-id");
        node.launched("--chip-id", chip).requireServing();
    }

    @Test
    void aChipOfAnotherRootIsOfAnotherWorld() throws Exception {
        Path stranger = world.rest().resolve("stranger");
        world.distribution()
                .run(List.of("./strongroom-sim", "world", stranger.toString()))
                .succeeded();
        refused(HandmadeNode.of(world, world.model()).onChipOf(stranger), INTEGRITY, "world");
    }

    // Whoever has the vault's disk, while it runs.

    @Test
    void keyRecordsThatAreSwappedOpenNothing() throws Exception {
        ModelName model = pushed("swapped", 21, 22);
        HandmadeNode node = HandmadeNode.of(world, model);
        swapKeyRecords(model);
        refused(node.ofVersion(1), DENIED, "record.authentic");
        swapKeyRecords(model);
        node.ofVersion(2).requireServing();
    }

    @Test
    void keyRecordsThatWereSwappedWhileTheVaultWasDownOpenNothing() throws Exception {
        ModelName model = pushed("swapped-down", 23, 24);
        world.vault().close();
        swapKeyRecords(model);
        world.startVault(Launch.plain());
        refused(HandmadeNode.of(world, model).ofVersion(1), DENIED, "record.authentic");
    }

    private static void swapKeyRecords(ModelName model) throws SQLException {
        String mine = "FROM version v WHERE v.model = '%s' AND v.number".formatted(model.name());
        sql(
                "CREATE TEMP TABLE t AS SELECT v.number, w.record FROM version v JOIN wrapped_key w"
                        + " USING (version_id) WHERE v.model = '"
                        + model.name()
                        + "'",
                replaceRecord(mine, 1, 2),
                replaceRecord(mine, 2, 1));
    }

    private static String replaceRecord(String mine, int of, int by) {
        return ("UPDATE wrapped_key SET record = (SELECT record FROM t WHERE number = %d)"
                        + " WHERE version_id = (SELECT version_id %s = %d)")
                .formatted(by, mine, of);
    }

    @Test
    void aManifestOfAnotherOwnerIsBelievedByNobody() throws Exception {
        ModelName model = pushed("re-signed", 25);
        ModelName theirs = mallory.model("re-signed");
        world.permit(theirs);
        world.push(theirs, plain(26));
        refusedWith("manifest", "version", model, theirs);
    }

    @Test
    void aManifestOfAnotherModelIsBelievedByNobody() throws Exception {
        refusedWith("manifest", "version", pushed("exchanged", 27), pushed("exchange", 28));
    }

    /** Puts a column of another row into the catalogue, and asks a node and the owner. */
    private static void refusedWith(String column, String table, ModelName model, ModelName other)
            throws Exception {
        String was = "saved_" + column;
        String row = "WHERE tenant = '%s' AND model = '%s'";
        String here = row.formatted(model.tenant().value(), model.name());
        String there = row.formatted(other.tenant().value(), other.name());
        sql(
                "CREATE TABLE %s AS SELECT %s FROM %s %s".formatted(was, column, table, here),
                "UPDATE %1$s SET %2$s = (SELECT %2$s FROM %1$s %3$s) %4$s"
                        .formatted(table, column, there, here));
        try {
            refused(HandmadeNode.of(world, model), INTEGRITY, column);
            Outcome owner =
                    world.command(world.acme().owner(), "model", "verify", model.toString());
            assertThat(owner.exit()).as(owner.err()).isEqualTo(INTEGRITY);
        } finally {
            sql(
                    "UPDATE %s SET %s = (SELECT %2$s FROM %s) %s"
                            .formatted(table, column, was, here),
                    "DROP TABLE " + was);
        }
        world.command(world.acme().owner(), "model", "verify", model.toString()).succeeded();
    }

    @Test
    void aPolicyOfAnotherModelReleasesNothing() throws Exception {
        ModelName model = pushed("strict", 29);
        ModelName loose = pushed("loose", 30);
        sql(
                ("UPDATE policy SET envelope = (SELECT envelope FROM policy WHERE model = '%s' AND"
                                + " kind = 'RELEASE') WHERE model = '%s' AND kind = 'RELEASE'")
                        .formatted(loose.name(), model.name()));
        Outcome outcome = HandmadeNode.of(world, model).refused();
        assertThat(outcome.exit()).as(outcome.err()).isIn(DENIED, INTEGRITY);
        assertThat(outcome.err()).contains("policy");
    }

    // The import key.

    /** Certified by the same ceremony key, but for another tenant: the vault makes a true one. */
    @Test
    void anImportCertificateOfAnotherTenantIsReplaced() throws Exception {
        ModelName model = world.acme().model("import");
        world.permit(model);
        Path plain = plain(31);
        sql(
                "UPDATE import_key SET certificate = (SELECT certificate FROM import_key"
                        + " WHERE tenant = 'mallory') WHERE tenant = 'acme'");
        push(model, plain).succeeded();
        HandmadeNode.of(world, model).requireServing();
    }

    @Test
    void anOwnerSealsToNoVaultButThePinnedOne() throws Exception {
        ModelName model = world.acme().model("pinned");
        world.permit(model);
        String other = Digest.sha256(new byte[] {1}).hex();
        Outcome outcome = push(model, plain(32), "--pin", other);
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
        assertThat(outcome.err()).contains("pin");
        assertThat(list()).doesNotContain(model.toString());
    }

    private static void restartVault() throws Exception {
        world.vault().close();
        world.startVault(Launch.plain());
    }

    private static Outcome push(ModelName model, Path plain, String... more) {
        var words = new ArrayList<String>();
        words.addAll(List.of("model", "push", model.toString(), plain.toString()));
        words.addAll(List.of(more));
        return world.command(world.acme().owner(), words.toArray(String[]::new));
    }

    private static String list() {
        return world.command(world.acme().owner(), "model", "list").succeeded().out();
    }

    // A thief of a node's certificate.

    /** Evidence that a node gives to anybody who asks is worth nothing for a key. */
    @Test
    void evidenceForServingReleasesNoKey() throws Exception {
        try (var vault = Caller.of(world.acme().node(), world.vault().field("grpc"))) {
            var release = ReleaseGrpc.newBlockingStub(vault.channel());
            var request = request(nonce(release));
            Refused refused = Refused.by(() -> release.requestLease(request.build()));
            assertThat(refused.with(Status.Code.PERMISSION_DENIED, "RELEASE_REFUSED").rule())
                    .isEqualTo("binding.report-data");

            Refused again = Refused.by(() -> release.requestLease(request.build()));
            assertThat(again.with(Status.Code.PERMISSION_DENIED, "RELEASE_REFUSED").rule())
                    .isEqualTo("nonce.unknown");

            var missing = request.clone().clearNonce();
            Refused.by(() -> release.requestLease(missing.build()))
                    .with(Status.Code.INVALID_ARGUMENT, "REQUEST_MALFORMED");

            var invented = request(ByteString.copyFrom(new byte[32]));
            Refused stale = Refused.by(() -> release.requestLease(invented.build()));
            assertThat(stale.rule()).isEqualTo("nonce.stale");
        }
    }

    @Test
    void aNonceOfAnEarlierBootOfTheVaultIsStale() throws Exception {
        ByteString nonce;
        try (var vault = Caller.of(world.acme().node(), world.vault().field("grpc"))) {
            nonce = nonce(ReleaseGrpc.newBlockingStub(vault.channel()));
        }
        restartVault();
        try (var vault = Caller.of(world.acme().node(), world.vault().field("grpc"))) {
            var release = ReleaseGrpc.newBlockingStub(vault.channel());
            var request = request(nonce).build();
            assertThat(Refused.by(() -> release.requestLease(request)).rule())
                    .isEqualTo("nonce.stale");
        }
    }

    private static ByteString nonce(ReleaseBlockingStub release) {
        return release.getChallenge(GetChallengeRequest.getDefaultInstance()).getNonce();
    }

    /** A lease request with a key of the thief's and evidence of the node's over the nonce. */
    private static RequestLeaseRequest.Builder request(ByteString nonce) throws Exception {
        GetEvidenceResponse served = evidence(nonce);
        Digest owner = world.acme().ownerId();
        Manifest manifest = Manifest.decode(served.getManifest().toByteArray());
        VerifiedManifest version = manifest.verify(owner);
        KeyPair tls = P256.newKeyPair(new SecureRandom());
        return RequestLeaseRequest.newBuilder()
                .setNonce(nonce)
                .setNodeNonce(nonce)
                .setModel(world.model().toString())
                .setVersionId(ByteString.copyFrom(version.content().versionId().bytes()))
                .setManifestDigest(bytes(version.digest()))
                .setEvidence(served.getEvidence())
                .setKemSpki(ByteString.copyFrom(newRsaKey().getPublic().getEncoded()))
                .setTlsSpki(ByteString.copyFrom(tls.getPublic().getEncoded()))
                .setTlsCsr(ByteString.copyFrom(signingRequest(tls)))
                .setBootId(served.getBootId())
                .setPosture(Posture.BASE.level())
                .setReleasePolicyDigest(
                        policy(served.getPolicies().getRelease(), owner, manifest.ownerSpki()))
                .setOutputPolicyDigest(
                        policy(served.getPolicies().getOutput(), owner, manifest.ownerSpki()));
    }

    private static GetEvidenceResponse evidence(ByteString nonce) throws IOException {
        try (var node = Caller.of(world.acme().consumer(), world.node().field("grpc"))) {
            return NodeEvidenceGrpc.newBlockingStub(node.channel())
                    .getEvidence(
                            GetEvidenceRequest.newBuilder()
                                    .setNonce(nonce)
                                    .setModel(world.model().toString())
                                    .build());
        }
    }

    private static ByteString policy(ByteString document, Digest owner, byte[] spki)
            throws Exception {
        var policy = PolicyDocument.verify(Dsse.decode(document.toByteArray()), owner, spki);
        return bytes(policy.reference().digest());
    }

    private static ByteString bytes(Digest digest) {
        return ByteString.copyFrom(digest.bytes());
    }

    private static KeyPair newRsaKey() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        return generator.generateKeyPair();
    }

    private static byte[] signingRequest(KeyPair key) throws Exception {
        return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), key.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                .getEncoded();
    }

    // A database of yesterday.

    @Test
    void aRolledBackDatabaseIsNoticedByNodeAndClient() throws Exception {
        HandmadeNode node = HandmadeNode.of(world, world.model());
        Path auditor = world.auditor();
        world.vault().close();
        Path yesterday = copyOfDatabase("yesterday");
        world.startVault(Launch.plain());
        node.requireServing();
        world.command(auditor, "audit", "verify").succeeded();
        world.vault().close();
        Path today = copyOfDatabase("today");

        restore(yesterday);
        world.startVault(Launch.plain());
        Outcome client = world.command(auditor, "audit", "verify");
        assertThat(client.exit()).as(client.err()).isEqualTo(INTEGRITY);
        refused(node, INTEGRITY, "log");

        world.vault().close();
        restore(today);
        world.startVault(Launch.plain());
        world.command(auditor, "audit", "verify").succeeded();
    }

    private static Path copyOfDatabase(String name) throws IOException {
        Path copy = Files.createDirectory(world.rest().resolve(name));
        for (Path file : databaseFiles(world.vaultData())) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private static void restore(Path copy) throws IOException {
        for (Path file : databaseFiles(world.vaultData())) {
            Files.delete(file);
        }
        for (Path file : databaseFiles(copy)) {
            Files.copy(file, world.vaultData().resolve(file.getFileName()));
        }
    }

    private static List<Path> databaseFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("vault.db"))
                    .toList();
        }
    }

    // Tools.

    private static void refused(HandmadeNode node, int exit, String why) throws Exception {
        Outcome outcome = node.refused();
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(exit);
        assertThat(outcome.err()).contains(why).doesNotContain("\tat ");
        assertThat(outcome.out()).isEmpty();
    }

    /** Pushes one version of each seed. */
    private static ModelName pushed(String name, long... seeds) throws Exception {
        ModelName model = world.acme().model(name);
        world.permit(model);
        for (long seed : seeds) {
            world.push(model, plain(seed));
        }
        return model;
    }

    private static Path plain(long seed) throws IOException {
        return TinyModel.write(world.owner().resolve("tiny-" + seed + ".onnx"), seed);
    }

    private static void sql(String... statements) throws SQLException {
        String database = "jdbc:sqlite:" + world.vaultData().resolve("vault.db");
        try (var connection = DriverManager.getConnection(database);
                var statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }
}
