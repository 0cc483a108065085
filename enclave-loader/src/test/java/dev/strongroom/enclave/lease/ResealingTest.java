package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.ResealProof;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.enclave.lease.LeaseException.Kind;
import dev.strongroom.enclave.load.ModelOpener;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.enclave.reseal.Resealing;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version from one data key to the next, inside the node, and what the node does not believe. */
class ResealingTest {
    private static final InstantSource CLOCK = InstantSource.fixed(FakeVault.NOW);
    private static final SoftwareChip CHIP = SoftwareChip.create(new SecureRandom(), CLOCK);
    private static final String IMAGE = HexFormat.of().formatHex(new byte[48]);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] WEIGHTS = weights(2_200_000);

    @TempDir private Path data;
    private FakeVault vault;

    @BeforeEach
    void publish() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", WEIGHTS), List.of(IMAGE));
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void theNewSealOpensToTheOwnersPlaintextUnderAnotherKey() throws Exception {
        byte[] first = vault.sealed.getFirst();
        for (int epoch = 1; epoch <= 2; epoch++) {
            assertThat(reseal().epoch()).isEqualTo(epoch);
            vault.adopt();
            VerifiedManifest anew = vault.manifest.verify(vault.ownerId(), vault.verifier());
            assertThat(anew.seal().epoch()).isEqualTo(epoch);
            assertThat(vault.sealed.getFirst()).hasSameSizeAs(first).isNotEqualTo(first);
            assertThat(opened()).isEqualTo(WEIGHTS);
        }
    }

    @Test
    void refusesAnOlderSealThanTheLastOneSeen() throws Exception {
        Manifest old = vault.manifest;
        reseal();
        vault.adopt();
        opened();
        vault.manifest = old;
        assertThatThrownBy(this::opened)
                .isInstanceOf(LeaseException.class)
                .hasMessageContaining("expected epoch 1 or later, got 0");
    }

    /** A list of the operator's counts at once, for a node that serves as for one that starts. */
    @Test
    void aRenewalHoldsTheSealersEvidenceAgainstTheNodesOwnLists() throws Exception {
        reseal();
        vault.adopt();
        try (var node = new LeasedNode(vault, CHIP, data)) {
            Grant renewed = node.renewer().renew(node.grant());
            byte[] intermediate = node.guest.evidence(new byte[64]).endorsements().get(1);
            var authority =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(intermediate));
            Path collateral = Files.createDirectory(data.resolve("memory/collateral"));
            Files.write(
                    collateral.resolve("list"), CHIP.revocationList(authority.getSerialNumber()));
            assertThatThrownBy(() -> node.renewer().renew(renewed))
                    .isInstanceOfSatisfying(
                            LeaseException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.INTEGRITY))
                    .hasMessageContaining("snp.chain.revoked");
        }
    }

    @Test
    void refusesWithoutTheOwnersGrant() throws Exception {
        try (var closed = new FakeVault(CHIP.anchors(), Map.of("model.onnx", WEIGHTS), List.of())) {
            vault.close();
            vault = closed;
            refuses(Kind.DENIED, "the owner lets no node seal");
        }
    }

    @Test
    void refusesAnImportCertificateOfAnotherCeremonyKey() {
        vault.importSigner = TestKeys.p256();
        refuses(Kind.INTEGRITY, "no valid signature");
    }

    @Test
    void refusesAnImportCertificateOfAnotherTenant() {
        vault.onImport =
                mine -> certificate(mine, new TenantName("other"), mine.hash(), mine.level());
        refuses(Kind.INTEGRITY, "it is of tenant other");
    }

    @Test
    void refusesAnImportCertificateOfAnotherOaep() {
        vault.onImport = mine -> certificate(mine, mine.tenant(), OaepHash.SHA1, mine.level());
        refuses(Kind.INTEGRITY, "the one of the version's suite");
    }

    /** Not even a node that the owner allows can put other weights under the owner's name. */
    @Test
    void refusesASealOfOtherPlaintext() throws Exception {
        byte[] other = weights(WEIGHTS.length);
        other[77] ^= 1;
        forge(other);
        assertThatThrownBy(this::opened)
                .isInstanceOf(LeaseException.class)
                .hasMessageContaining("not the plaintext that the owner signed");
    }

    private Resealing.Done reseal() throws Exception {
        Path folder = Files.createTempDirectory(data, "reseal");
        try (var link = vault.link();
                var requester = requester(link)) {
            Version version = requester.version(FakeVault.MODEL, 0, requester.ownerId());
            var sealed = new SealedFiles(data.resolve("sealed")).fetch(link, version.manifest());
            return new Resealing(
                            link, vault.pin(), CHIP.guest(launch()), Fits.forTests(), CLOCK, RANDOM)
                    .run(requester.lease(version), sealed, folder);
        }
    }

    private byte[] opened() throws Exception {
        try (var link = vault.link();
                var requester = requester(link)) {
            Version version = requester.version(FakeVault.MODEL, 0, requester.ownerId());
            var files = new SealedFiles(data.resolve("sealed"));
            try (var fetch = files.begin(link, version.manifest());
                    var model =
                            ModelOpener.open(
                                    requester.lease(version),
                                    fetch,
                                    Protection.LOCKED,
                                    Fits.forTests(),
                                    2)) {
                List<Path> sealed = fetch.kept();
                files.keepOnly(sealed);
                assertThat(data.resolve("sealed").toFile().list()).hasSize(sealed.size());
                return model.view("model.onnx").toArray(ValueLayout.JAVA_BYTE);
            }
        }
    }

    private void refuses(Kind kind, String message) {
        assertThatThrownBy(this::reseal)
                .isInstanceOfSatisfying(
                        LeaseException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
        assertThat(vault.begun).isEmpty();
    }

    private static ImportCertificate certificate(
            ImportCertificate mine, TenantName tenant, OaepHash hash, TrustLevel level) {
        return new ImportCertificate(
                mine.spki(), tenant, mine.module(), level, hash, mine.notAfter());
    }

    /** What an allowed and attested node could do if it wanted to. */
    private void forge(byte[] plaintext) throws Exception {
        VerifiedManifest current =
                vault.manifest.verify(vault.ownerId(), new EvidenceVerifier(CHIP.anchors(), CLOCK));
        KeyPair sealer = TestKeys.p256();
        var out = new ByteArrayOutputStream();
        try (var secrets = VersionSecrets.renew(RANDOM, new byte[32])) {
            var entry =
                    new Sealer(RANDOM)
                            .seal(
                                    Channels.newChannel(new ByteArrayInputStream(plaintext)),
                                    Channels.newChannel(out),
                                    secrets,
                                    current.fileIdentity(0))
                            .entry();
            vault.importCiphertext =
                    secrets.wrapTo(
                            new ImportCertificate(
                                    vault.importKey.getPublic().getEncoded(),
                                    FakeVault.MODEL.tenant(),
                                    "fake",
                                    TrustLevel.HSM,
                                    OaepHash.SHA256,
                                    FakeVault.NOW));
            var seal =
                    new SealStatement(
                            1,
                            Optional.of(current.digest()),
                            current.seal().contentDigest(),
                            Digest.sha256(vault.importCiphertext),
                            secrets.envelope(current.identity()),
                            secrets.commitment(current.identity()),
                            List.of(entry));
            vault.begun = Optional.of(proven(seal.sign(P256.signer(sealer)), sealer));
        }
        vault.resealed.add(out);
        vault.adopt();
    }

    private Manifest proven(dev.strongroom.crypto.format.Dsse seal, KeyPair sealer)
            throws Exception {
        Manifest bare = new Manifest(vault.manifest.ownerSpki(), vault.manifest.content(), seal);
        byte[] spki = sealer.getPublic().getEncoded();
        var transcript =
                ResealProof.transcript(
                        vault.manifest.verify(vault.ownerId()).content(),
                        bare.digest(),
                        spki,
                        new byte[32],
                        Digest.sha256(),
                        List.of(),
                        Posture.BASE,
                        new byte[16]);
        var proof =
                new ResealProof(
                        spki,
                        new byte[32],
                        Digest.sha256(),
                        List.of(),
                        Posture.BASE,
                        new byte[16],
                        CHIP.guest(launch()).evidence(transcript.reportData()));
        return new Manifest(bare.ownerSpki(), bare.content(), bare.seal(), Optional.of(proof));
    }

    private LeaseRequester requester(VaultLink link) throws Exception {
        return new LeaseRequester(
                new NodeSide(
                        link,
                        vault.pin(),
                        CHIP.guest(launch()),
                        vault.anchors,
                        Fits.forTests(),
                        new NodeMemory(data.resolve("memory")),
                        CLOCK,
                        RANDOM,
                        Optional.empty(),
                        Optional.empty()));
    }

    private ChipConfig launch() {
        return ChipConfig.launch(new byte[48], vault.ownerId().bytes());
    }

    private static byte[] weights(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
