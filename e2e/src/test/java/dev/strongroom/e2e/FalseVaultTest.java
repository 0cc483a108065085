package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetImportCertificateResponse;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.GetVaultIdentityResponse;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.testkit.ChipPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An owner's push to somebody in the vault's place, who has a certificate of the vault's authority
 * and would like a wrapping key sealed to a key of his own, or to a weaker token.
 */
@ExtendWith(SharedDeployment.class)
class FalseVaultTest {
    private static final int REMOTE = 2;
    private static final int DENIED = 4;
    private static final int INTEGRITY = 5;
    private static final String IMPORT = "Keys/GetImportCertificate";
    private static final String IDENTITY = "Admin/GetVaultIdentity";
    private static final String POLICIES = "Models/GetPolicies";

    private static Deployment world;
    private static Path stolen;
    private static Dsse genuine;
    private ModelName model;
    private Path plain;

    @BeforeAll
    static void steal(Deployment shared) throws Exception {
        world = shared;
        stolen = Files.createTempDirectory(world.rest(), "false-vault-");
        genuine = importCertificate(world.acme());
        try (var vault = world.connect(world.operator())) {
            byte[] identity =
                    vault.admin()
                            .getVaultIdentity(GetVaultIdentityRequest.getDefaultInstance())
                            .getVaultIdentity()
                            .toByteArray();
            Files.write(stolen.resolve("identity"), identity);
        }
        Files.write(stolen.resolve("import"), genuine.encode());
        PinHolder.run(
                world,
                TokensWord.class,
                world.operator().resolve("ca.pem").toString(),
                stolen.toString());
    }

    private static Dsse importCertificate(Tenant tenant) throws Exception {
        try (var vault = world.connect(tenant.owner())) {
            var request = GetImportCertificateRequest.newBuilder().setTenant(tenant.name());
            return Dsse.decode(
                    vault.keys()
                            .getImportCertificate(request.build())
                            .getCertificate()
                            .toByteArray());
        }
    }

    @BeforeEach
    void chooseModel(TestInfo test) throws Exception {
        String name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        model = world.acme().model(name.substring(0, Math.min(40, name.length())));
        world.permit(model);
        plain = TinyModel.write(world.owner().resolve(name + ".onnx"), 40);
    }

    private Relay falseVault() throws IOException {
        return new Relay(stolen.resolve("tls"), world.acme().owner(), world.vault().field("grpc"));
    }

    private Outcome push(String address, String... more) {
        var words = new ArrayList<String>();
        words.addAll(List.of("model", "push", model.toString(), plain.toString(), "--no-prepare"));
        words.addAll(List.of(more));
        return world.commandAt(address, world.acme().owner(), words.toArray(String[]::new));
    }

    /** So what is refused below is refused for what it is. */
    @Test
    void whoPassesEverythingOnIsTakenForTheVault() throws Exception {
        try (Relay honest = falseVault()) {
            push(honest.address(), "--require-level", "soft-token").succeeded();
            assertThat(honest.called()).contains(IDENTITY, IMPORT, "Models/CommitVersion");
        }
    }

    @Test
    void aCertificateByAForeignCeremonyKeyIsRefused() throws Exception {
        var foreigner = P256.signer(P256.newKeyPair(new SecureRandom()));
        refusedImport(foreign().sign(foreigner), INTEGRITY, "import certificate");
    }

    @Test
    void aForeignKeyUnderTheTrueSignatureIsRefused() throws Exception {
        var bent = new Dsse(genuine.payloadType(), foreign().encode(), genuine.signatures());
        refusedImport(bent, INTEGRITY, "import certificate");
    }

    @Test
    void aCertificateOfAnotherTenantIsRefused() throws Exception {
        Dsse other = importCertificate(world.newTenant("false-vault-other"));
        refusedImport(other, INTEGRITY, "is of tenant false-vault-other");
    }

    @Test
    void aCertificateOfAWeakerTokenIsRefused() throws Exception {
        Dsse weaker = Dsse.decode(Files.readAllBytes(stolen.resolve("weaker-import")));
        refusedImport(
                weaker, DENIED, "the push asks for SOFT_TOKEN", "--require-level", "soft-token");
    }

    /** Nobody asks for a level with the push: the owner asked for one when he set his policy. */
    @Test
    void aVaultBelowThePolicyGetsNothingWhateverThePushAsksFor() throws Exception {
        world.permit(
                model, ChipPolicy.draft(world.measurement()).keptAt(TrustLevel.SOFT_TOKEN).json());
        forgetIdentity();
        try (Relay weak = falseVault()) {
            weak.answering(IDENTITY, _ -> weakerIdentity());
            Outcome refused = push(weak.address());
            assertThat(refused.exit()).as(refused.err()).isEqualTo(DENIED);
            assertThat(refused.err()).contains("demands at least soft-token", "next:");
            assertThat(weak.called()).containsOnly(IDENTITY, POLICIES);
        }
        forgetIdentity();
        Dsse weaker = Dsse.decode(Files.readAllBytes(stolen.resolve("weaker-import")));
        refusedImport(weaker, DENIED, "demands at least soft-token");
    }

    /** The tenant's certificate, but for an import key whose private half the attacker has. */
    private static ImportCertificate foreign() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        var certificate =
                ImportCertificate.verify(
                        genuine,
                        identity().ceremonySpki(),
                        world.pin(),
                        InstantSource.system().instant());
        return new ImportCertificate(
                generator.generateKeyPair().getPublic().getEncoded(),
                certificate.tenant(),
                certificate.module(),
                certificate.level(),
                certificate.hash(),
                certificate.notAfter());
    }

    private static VaultIdentity identity() throws Exception {
        return VaultIdentity.verify(
                Dsse.decode(Files.readAllBytes(stolen.resolve("identity"))), world.pin());
    }

    /** Refused before anything was sealed to it or sent. */
    private void refusedImport(Dsse certificate, int exit, String why, String... asked)
            throws Exception {
        try (Relay attacker = falseVault()) {
            attacker.answering(IMPORT, _ -> answer(certificate));
            Outcome outcome = push(attacker.address(), asked);
            assertThat(outcome.exit()).as(outcome.err()).isEqualTo(exit);
            assertThat(outcome.err()).contains(why, "next:");
            assertThat(attacker.called()).contains(IMPORT).doesNotContain("Models/BeginVersion");
            assertThat(spooled()).isEmpty();
        }
        push(world.vault().field("grpc")).succeeded();
    }

    private static byte[] answer(Dsse certificate) {
        return GetImportCertificateResponse.newBuilder()
                .setCertificate(ByteString.copyFrom(certificate.encode()))
                .build()
                .toByteArray();
    }

    private static void forgetIdentity() throws IOException {
        try (Stream<Path> files = Files.walk(world.acme().owner())) {
            for (Path file : files.filter(each -> each.endsWith("vault-identity")).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Sealed files that wait for a vault. */
    private static List<Path> spooled() throws IOException {
        Path spool = Files.createDirectories(world.acme().owner().resolve("spool"));
        try (Stream<Path> files = Files.walk(spool)) {
            return files.filter(file -> file.toString().endsWith(".sealed")).toList();
        }
    }

    /** What was sealed for a token of some level is not sent on once the vault has a weaker one. */
    @Test
    void aPushThatGoesOnAsksForTheLevelAgain() throws Exception {
        String[] level = {"--require-level", "soft-token"};
        try (Relay vault = falseVault()) {
            Outcome interrupted = push(vault.breaking("Models/UploadObject").address(), level);
            assertThat(interrupted.exit()).as(interrupted.err()).isEqualTo(REMOTE);
        }
        List<Digest> sealed = spooled().stream().map(FalseVaultTest::digest).toList();
        assertThat(sealed).isNotEmpty();
        try (Relay moved = falseVault()) {
            moved.answering(IDENTITY, _ -> weakerIdentity());
            Outcome known = push(moved.address(), level);
            assertThat(known.exit()).as(known.err()).isEqualTo(INTEGRITY);
            assertThat(known.err()).contains("another one than was seen before");
            forgetIdentity(); // what follows is for a client that has not seen the true one
            Outcome refused = push(moved.address(), level);
            assertThat(refused.exit()).as(refused.err()).isEqualTo(DENIED);
            assertThat(refused.err())
                    .contains("level SOFTWARE", "the push asks for SOFT_TOKEN", "next:");
            assertThat(moved.called()).containsOnly(IDENTITY, POLICIES);
        }
        assertThat(spooled().stream().map(FalseVaultTest::digest)).isEqualTo(sealed);
        forgetIdentity();
        push(world.vault().field("grpc"), level).succeeded();
        assertThat(spooled()).isEmpty();
        assertThat(held()).as("the file sealed at first").isEqualTo(sealed);
    }

    /** The sealed files of the pushed version, as the vault has them. */
    private List<Digest> held() throws Exception {
        try (var vault = world.connect(world.acme().owner())) {
            var version = VersionReference.newBuilder().setModel(model.toString()).setNumber(1);
            var request = GetVersionRequest.newBuilder().setVersion(version).build();
            return Manifest.decode(vault.models().getVersion(request).getManifest().toByteArray())
                    .verify(world.acme().ownerId())
                    .seal()
                    .files()
                    .stream()
                    .map(SealedEntry::digest)
                    .toList();
        }
    }

    private static Digest digest(Path file) {
        return Digest.sha256(read(file));
    }

    private static byte[] weakerIdentity() {
        return GetVaultIdentityResponse.newBuilder()
                .setVaultIdentity(ByteString.copyFrom(read(stolen.resolve("weaker-identity"))))
                .build()
                .toByteArray();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
