package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.VersionId;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolTest {
    private static final ModelName MODEL = ModelName.parse("acme/tiny");
    private static final Digest SOURCE = Digest.sha256(new byte[1]);
    private static final String NEEDLE = "plaintext weights that must not be in any spool";

    @TempDir Path folder;
    private OwnerKey owner;
    private Profile profile;

    @BeforeEach
    void makeOwner() throws Exception {
        profile = new Profile(folder.resolve("owner"));
        owner = OwnerKey.create(profile, new SecureRandom());
    }

    @Test
    void aWholeSpoolComesBackAsItWasSealed() throws Exception {
        Spool.Sealed sealed = seal();

        assertThat(load())
                .hasValueSatisfying(left -> {
                    assertThat(left.manifest().digest()).isEqualTo(sealed.manifest().digest());
                    assertThat(left.importCiphertext()).isEqualTo(sealed.importCiphertext());
                });
    }

    @Test
    void holdsNoPlaintext() throws Exception {
        seal();

        try (Stream<Path> files = Files.walk(profile.spoolFolder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(NEEDLE.substring(0, 16));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.sealed", "manifest.bin", "import.bin"})
    void aFlippedByteMakesItUseless(String name) throws Exception {
        seal();
        Path file = spoolFile(name);
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);

        assertThat(load()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.sealed", "manifest.bin", "import.bin"})
    void aTruncatedFileMakesItUseless(String name) throws Exception {
        seal();
        try (FileChannel file = FileChannel.open(spoolFile(name), StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 1);
        }

        assertThat(load()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.sealed", "manifest.bin", "import.bin"})
    void aMissingFileMakesItUseless(String name) throws Exception {
        seal();
        Files.delete(spoolFile(name));

        assertThat(load()).isEmpty();
    }

    @Test
    void aSpoolOfAnotherOwnerIsUseless() throws Exception {
        seal();
        OwnerKey other = OwnerKey.create(new Profile(folder.resolve("other")), new SecureRandom());

        try (Spool spool = open()) {
            assertThat(spool.load(other.keyId(), Progress.SILENT)).isEmpty();
        }
    }

    @Test
    void sealingAgainTakesANewVersionAndKey() throws Exception {
        Spool.Sealed first = seal();
        byte[] firstBytes = Files.readAllBytes(spoolFile("0.sealed"));
        try (Spool spool = open()) {
            spool.clear();
        }

        Spool.Sealed second = seal();

        assertThat(second.manifest().content().versionId())
                .isNotEqualTo(first.manifest().content().versionId());
        assertThat(Files.readAllBytes(spoolFile("0.sealed"))).isNotEqualTo(firstBytes);
        assertThat(second.manifest().seal().commitment())
                .isNotEqualTo(first.manifest().seal().commitment());
    }

    @Test
    void onePushAtATimeHoldsASpool() throws Exception {
        try (Spool held = open()) {
            assertThat(held.sealedFile(0)).doesNotExist();
            assertThatThrownBy(this::open)
                    .isInstanceOf(ClientException.class)
                    .extracting(e -> ((ClientException) e).kind())
                    .isEqualTo(ClientException.Kind.CONFLICT);
        }
    }

    @Test
    void nothingIsLeftAfterTheCommit() throws Exception {
        seal();
        try (Spool spool = open()) {
            spool.delete();
        }

        try (Stream<Path> files = Files.walk(profile.spoolFolder())) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void aModelCannotBringAFileUnderAReservedName() throws Exception {
        assertThatThrownBy(() -> seal("strongroom.fingerprint"))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("odd names");
    }

    private Spool.Sealed seal() throws Exception {
        return seal("weights.bin");
    }

    private Spool.Sealed seal(String weightsName) throws Exception {
        Path graph = Files.writeString(folder.resolve("model.onnx"), NEEDLE.repeat(50));
        Path weights = sparse(folder.resolve(weightsName), 3 << 20);
        var source =
                new ModelSource(
                        folder,
                        new ModelSource.Part("model.onnx", graph, Files.size(graph)),
                        List.of(new ModelSource.Part(weightsName, weights, Files.size(weights))));
        var vault = new TestVault(TrustAnchors.vendors());
        try (Spool spool = open()) {
            return new ModelSealer(owner, new SecureRandom(), InstantSource.system())
                    .seal(
                            new Draft(
                                    source,
                                    Preparation.NONE,
                                    VersionId.random(new SecureRandom()),
                                    List.of()),
                            PushRequest.of(MODEL, graph),
                            new ModelSealer.Demands(
                                    new PolicyDemand("0".repeat(32), 1),
                                    new PolicyDemand("1".repeat(32), 1)),
                            vault.importCertificate(MODEL.tenant()),
                            spool,
                            Progress.SILENT);
        }
    }

    private static Path sparse(Path file, long bytes) throws Exception {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), bytes - 1);
        }
        return file;
    }

    private Optional<Spool.Sealed> load() throws Exception {
        try (Spool spool = open()) {
            return spool.load(owner.keyId(), Progress.SILENT);
        }
    }

    private Spool open() throws Exception {
        return Spool.open(profile.spoolFolder(), MODEL, SOURCE);
    }

    private Path spoolFile(String name) {
        return profile.spoolFolder().resolve("acme/tiny").resolve(SOURCE.hex()).resolve(name);
    }
}
