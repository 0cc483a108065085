package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.KeySuccession;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.enclave.load.ModelOpener;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import io.grpc.Status;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A node's way from evidence to opened files, over gRPC, with ciphertext and keys of the real kind.
 */
class LeaseRequesterTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final byte[] WEIGHTS = weights();

    @TempDir private Path data;
    private FakeVault vault;

    @BeforeEach
    void publish() throws Exception {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("model.onnx", new byte[] {1, 2, 3});
        files.put("weights.bin", WEIGHTS);
        vault = new FakeVault(CHIP.anchors(), files);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void opensTheModelThatItWasLeased() throws Exception {
        var files = new SealedFiles(data.resolve("sealed"));
        try (var link = vault.link();
                var requester = requester(link)) {
            assertThat(requester.ownerId()).isEqualTo(vault.ownerId());
            var version = requester.version(FakeVault.MODEL, 0, requester.ownerId());
            files.fetch(link, version.manifest());
            var released = requester.lease(version);
            try (var fetch = files.begin(link, version.manifest())) {
                assertThat(released.grant().tlsSpki())
                        .isEqualTo(
                                released.grant().tlsChain().getFirst().getPublicKey().getEncoded());
                try (var model =
                        ModelOpener.open(released, fetch, Protection.LOCKED, Fits.forTests(), 2)) {
                    assertThat(model.graphFile()).isEqualTo("model.onnx");
                    assertThat(model.view("weights.bin").toArray(ValueLayout.JAVA_BYTE))
                            .isEqualTo(WEIGHTS);
                    assertThat(model).asString().doesNotContain("1, 2, 3");
                }
                assertThatThrownBy(() ->
                                ModelOpener.open(
                                        released, fetch, Protection.LOCKED, Fits.forTests(), 2))
                        .as("the key was zeroed with its first use")
                        .isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void remembersTheLogAndRefusesOneThatWasRolledBack() throws Exception {
        lease();
        lease();
        vault.log = new MerkleTree();
        vault.record("vault.started", Map.of());
        refuses(LeaseException.Kind.INTEGRITY, "rolled back");
    }

    @Test
    void refusesAKeyThatIsNotOfThisVersion() {
        byte[] garbage = new byte[384];
        garbage[383] = 3;
        vault.onAnswer = answer -> answer.setWrappedKey(ByteString.copyFrom(garbage));
        refuses(LeaseException.Kind.INTEGRITY, "data key");
    }

    @Test
    void refusesAVaultOtherThanThePinnedOne() throws Exception {
        try (var other = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}))) {
            vault.onChallenge =
                    challenge -> {
                        try {
                            return challenge.setVaultIdentity(
                                    ByteString.copyFrom(
                                            other.identity
                                                    .sign(P256.signer(other.ceremony))
                                                    .encode()));
                        } catch (SignatureException e) {
                            throw new IllegalStateException(e);
                        }
                    };
            refuses(LeaseException.Kind.INTEGRITY, "pinned ceremony key");
        }
    }

    /** Somebody has the key that signed then, and shows the identity in which it does so. */
    @Test
    void refusesAnIdentityFromBeforeTheLastChangeOfTheVaultsKeys() throws Exception {
        byte[] next = TestKeys.p256().getPublic().getEncoded();
        byte[] ending = vault.signing.getPublic().getEncoded();
        var word =
                KeySuccession.sign(
                        vault.identity.logOrigin(), P256.signer(vault.signing), ending, 1, next);
        var later = vault.identity.withSigningKey(next, word);
        new NodeMemory(data.resolve("memory"))
                .requireIdentity(later, later.sign(P256.signer(vault.ceremony)).encode());
        refuses(LeaseException.Kind.INTEGRITY, "may be in other hands");
    }

    @Test
    void refusesAVaultOfAnotherWorld() throws Exception {
        var elsewhere = SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
        try (var link = vault.link();
                var requester = requester(link, elsewhere.anchors(), CHIP.guest(launch()))) {
            assertThatThrownBy(() ->
                            requester.lease(requester.version(FakeVault.MODEL, 0, vault.ownerId())))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageContaining("other attestation roots");
        }
    }

    @Test
    void believesTheOwnerOfItsHostDataOnly() throws Exception {
        var config = launch().withHostData(Digest.sha256(new byte[] {5}).bytes());
        try (var link = vault.link();
                var requester = requester(link, vault.anchors, CHIP.guest(config))) {
            assertThatThrownBy(() -> requester.version(FakeVault.MODEL, 0, requester.ownerId()))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageContaining("expected a key of owner");
        }
    }

    @Test
    void refusesAManifestWithAChangedByteOrOfAnotherModelOrNumber() throws Exception {
        byte[] manifest = vault.manifest.encode();
        manifest[manifest.length / 2] ^= 1;
        vault.onVersion = answer -> answer.setManifest(ByteString.copyFrom(manifest));
        refuses(LeaseException.Kind.INTEGRITY, "");
        vault.onVersion = answer -> answer;
        try (var link = vault.link();
                var requester = requester(link)) {
            assertThatThrownBy(() ->
                            requester.version(ModelName.parse("acme/other"), 0, vault.ownerId()))
                    .hasMessageContaining("expected model acme/other");
            assertThatThrownBy(() -> requester.version(FakeVault.MODEL, 6, vault.ownerId()))
                    .hasMessageContaining("expected number 6, got 7");
        }
    }

    @Test
    void refusesPoliciesThatDoNotRuleThisVersion() throws Exception {
        var end = FakeVault.NOW.plus(Duration.ofDays(1));
        var good = vault.release;
        vault.onVersion =
                answer -> {
                    answer.getPoliciesBuilder().clearRelease().clearReleaseBefore();
                    return answer;
                };
        refuses(LeaseException.Kind.DENIED, "none is set");
        vault.onVersion = answer -> answer;
        vault.release = vault.policy(PolicyReference.Kind.RELEASE, FakeVault.RELEASE_ID, 1);
        refuses(LeaseException.Kind.DENIED, "expected revision 2 or later");
        vault.release = vault.policy(PolicyReference.Kind.RELEASE, FakeVault.OUTPUT_ID, 3);
        refuses(LeaseException.Kind.DENIED, "expected id");
        vault.release =
                vault.policy(
                        PolicyReference.Kind.RELEASE,
                        FakeVault.RELEASE_ID,
                        3,
                        ModelName.parse("acme/other"),
                        end,
                        FakeVault.RULES);
        refuses(LeaseException.Kind.DENIED, "expected scope");
        vault.release =
                vault.policy(
                        PolicyReference.Kind.RELEASE,
                        FakeVault.RELEASE_ID,
                        3,
                        FakeVault.MODEL,
                        FakeVault.NOW.minusSeconds(1),
                        FakeVault.RULES);
        refuses(LeaseException.Kind.DENIED, "expired");
        try (var stranger = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}))) {
            vault.release = stranger.release;
            refuses(LeaseException.Kind.INTEGRITY, "release policy");
        }
        vault.release = good;
        lease();
    }

    @Test
    void refusesAPolicyRevisionOlderThanOneItSaw() throws Exception {
        var old = vault.release;
        vault.release = vault.policy(PolicyReference.Kind.RELEASE, FakeVault.RELEASE_ID, 4);
        lease();
        vault.release = old;
        refuses(LeaseException.Kind.INTEGRITY, "expected revision 4 or later, got 3");
        vault.release =
                vault.policy(
                        PolicyReference.Kind.RELEASE,
                        FakeVault.RELEASE_ID,
                        4,
                        FakeVault.MODEL,
                        FakeVault.NOW.plus(Duration.ofDays(1)),
                        FakeVault.RULES.replace("ab", "cd"));
        refuses(LeaseException.Kind.INTEGRITY, "another document");
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_FOUND,NOT_FOUND",
        "PERMISSION_DENIED,DENIED",
        "UNAUTHENTICATED,DENIED",
        "FAILED_PRECONDITION,DENIED",
        "DATA_LOSS,INTEGRITY",
        "UNAVAILABLE,UNREACHABLE",
        "INTERNAL,UNREACHABLE"
    })
    void tellsTheVaultsRefusalsApart(Status.Code code, LeaseException.Kind kind) throws Exception {
        vault.refusal = Optional.of(code.toStatus().withDescription("because"));
        refuses(kind, "because");
    }

    @Test
    void aDataFolderStaysInTheWorldItWasBornIn() throws Exception {
        var memory = new NodeMemory(data);
        memory.requireRoot(Digest.sha256(new byte[] {1}));
        memory.requireRoot(Digest.sha256(new byte[] {1}));
        assertThatThrownBy(() -> memory.requireRoot(Digest.sha256(new byte[] {2})))
                .isInstanceOf(LeaseException.class)
                .hasMessageContaining("another attestation root");
    }

    @Test
    void anUnfinishedFetchGoesOnWhereItStopped() throws Exception {
        var store = new SealedFiles(data);
        try (var link = vault.link();
                var requester = requester(link)) {
            var manifest = requester.version(FakeVault.MODEL, 0, vault.ownerId()).manifest();
            vault.fetchLimit = 500_000;
            assertThatThrownBy(() -> store.fetch(link, manifest))
                    .isInstanceOf(LeaseException.class);
            assertThat(Files.size(part())).isEqualTo(500_000);
            vault.fetchLimit = Long.MAX_VALUE;
            List<Path> files = store.fetch(link, manifest);
            assertThat(Files.readAllBytes(files.get(1))).isEqualTo(vault.sealed.get(1));
            int fetches = vault.fetches;
            assertThat(store.fetch(link, manifest)).isEqualTo(files);
            assertThat(vault.fetches).as("what is there is used again").isEqualTo(fetches);
        }
    }

    @Test
    void aDamagedTorsoIsFetchedOnceMoreFromItsStart() throws Exception {
        var store = new SealedFiles(data);
        try (var link = vault.link();
                var requester = requester(link)) {
            var manifest = requester.version(FakeVault.MODEL, 0, vault.ownerId()).manifest();
            vault.fetchLimit = 500_000;
            assertThatThrownBy(() -> store.fetch(link, manifest))
                    .isInstanceOf(LeaseException.class);
            byte[] torso = Files.readAllBytes(part());
            torso[1000] ^= 1;
            Files.write(part(), torso);
            vault.fetchLimit = Long.MAX_VALUE;
            assertThat(Files.readAllBytes(store.fetch(link, manifest).get(1)))
                    .isEqualTo(vault.sealed.get(1));
        }
    }

    @Test
    void refusesSealedBytesOtherThanTheOwnersHereOrThere() throws Exception {
        var store = new SealedFiles(data);
        try (var link = vault.link();
                var requester = requester(link)) {
            var manifest = requester.version(FakeVault.MODEL, 0, vault.ownerId()).manifest();
            byte[] sealed = vault.sealed.get(1);
            sealed[700_000] ^= 1;
            assertThatThrownBy(() -> store.fetch(link, manifest))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageContaining("weights.bin");
            sealed[700_000] ^= 1;
            Path mine = store.fetch(link, manifest).get(1);
            byte[] bytes = Files.readAllBytes(mine);
            bytes[100] ^= 1;
            Files.write(mine, bytes);
            assertThatThrownBy(() -> store.fetch(link, manifest))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageContaining("delete");
            vault.sealed.set(1, Arrays.copyOf(sealed, sealed.length + 1));
            Files.delete(mine);
            assertThatThrownBy(() -> store.fetch(link, manifest))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageContaining("more than the manifest's");
        }
    }

    @Test
    void opensNothingOfAFileThatIsSpliced() throws Exception {
        try (var link = vault.link();
                var requester = requester(link)) {
            var version = requester.version(FakeVault.MODEL, 0, vault.ownerId());
            var files = new SealedFiles(data.resolve("s"));
            files.fetch(link, version.manifest());
            var fetch = files.begin(link, version.manifest());
            List<Path> sealed = fetch.kept();
            var released = requester.lease(version);
            byte[] bytes = Files.readAllBytes(sealed.get(1));
            bytes[bytes.length - 1] ^= 1; // after its digest was compared
            Files.write(sealed.get(1), bytes);
            long address;
            try (var before = memory()) {
                address = before.view(0, 1).address();
            }
            assertThatThrownBy(() ->
                            ModelOpener.open(
                                    released, fetch, Protection.LOCKED, Fits.forTests(), 2))
                    .isInstanceOfSatisfying(
                            LeaseException.class,
                            e -> assertThat(e.kind()).isEqualTo(LeaseException.Kind.INTEGRITY))
                    .hasMessageContaining("weights.bin");
            try (var after = memory()) {
                MemorySegment pages = after.view(0, after.byteSize());
                assertThat(pages.address()).as("the pages that the load had").isEqualTo(address);
                assertThat(pages.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            }
        }
    }

    /** As much as the model takes, so that it is the pages that were given back last. */
    private static SecretSegment memory() throws Exception {
        return SecretSegment.allocate(
                SecretSegment.pageAligned(3) + SecretSegment.pageAligned(WEIGHTS.length),
                Protection.LOCKED,
                Fits.forTests());
    }

    private Path part() throws Exception {
        try (var files = Files.list(data)) {
            return files.filter(f -> f.toString().endsWith(".part")).findFirst().orElseThrow();
        }
    }

    private void lease() throws Exception {
        try (var link = vault.link();
                var requester = requester(link)) {
            requester
                    .lease(requester.version(FakeVault.MODEL, 0, requester.ownerId()))
                    .key()
                    .close();
        }
    }

    private void refuses(LeaseException.Kind kind, String message) {
        assertThatThrownBy(this::lease)
                .isInstanceOfSatisfying(
                        LeaseException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }

    private LeaseRequester requester(VaultLink link) throws Exception {
        return requester(link, vault.anchors, CHIP.guest(launch()));
    }

    private LeaseRequester requester(VaultLink link, TrustAnchors anchors, Guest guest)
            throws Exception {
        return new LeaseRequester(
                new NodeSide(
                        link,
                        vault.pin(),
                        guest,
                        anchors,
                        Fits.forTests(),
                        new NodeMemory(data.resolve("memory")),
                        InstantSource.fixed(FakeVault.NOW),
                        new SecureRandom(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private ChipConfig launch() {
        return ChipConfig.launch(new byte[48], vault.ownerId().bytes());
    }

    private static byte[] weights() {
        byte[] bytes = new byte[1_200_000];
        new Random(3).nextBytes(bytes);
        return bytes;
    }
}
