package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import java.security.KeyPair;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final KeyPair OTHER_OWNER = Version.p256();
    private final ContentStatement content = Records.content();
    private final SealStatement seal = Records.seal(content);

    @Test
    void givesWhatTheOwnerSigned() throws Exception {
        VerifiedManifest verified = decoded(manifest(content, seal)).verify(Records.KEY_ID);
        assertThat(verified.content().encode()).isEqualTo(content.encode());
        assertThat(verified.seal().encode()).isEqualTo(seal.encode());
        assertThat(verified.identity()).isEqualTo(Records.IDENTITY);
        assertThat(verified.fileIdentity(1)).isEqualTo(Records.IDENTITY.file("weights.bin", 1));
    }

    @Property(tries = 400)
    void everyFlippedBitIsRefused(@ForAll @IntRange(max = 1 << 20) int position) throws Exception {
        byte[] encoded = SIGNED;
        int bit = position % (encoded.length * 8);
        byte[] flipped = encoded.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        assertThatThrownBy(() -> Manifest.decode(flipped).verify(Records.KEY_ID))
                .isInstanceOf(SealedFormatException.class);
    }

    private static final byte[] SIGNED =
            manifest(Records.content(), Records.seal(Records.content())).encode();

    @Test
    void refusesAnotherOwner() {
        Digest other = P256.keyId(OTHER_OWNER.getPublic().getEncoded());
        assertRefused(() -> manifest(content, seal).verify(other), "owner");
    }

    @Test
    void refusesAManifestSignedAgainByAnotherOwner() throws Exception {
        StatementSigner other = P256.signer(OTHER_OWNER);
        var stolen =
                new Manifest(
                        OTHER_OWNER.getPublic().getEncoded(),
                        content.sign(other),
                        seal.sign(other));
        assertRefused(() -> stolen.verify(Records.KEY_ID), "owner");
        // Not even for a node of that owner: the statement names whose it is.
        assertRefused(() -> stolen.verify(other.keyId()), "expected owner");
    }

    @Test
    void refusesASignatureOfAnotherKey() throws Exception {
        StatementSigner other = P256.signer(OTHER_OWNER);
        var contentForged =
                new Manifest(Records.SPKI, content.sign(other), seal.sign(Records.signer()));
        assertRefused(() -> contentForged.verify(Records.KEY_ID), "no valid signature");
        var sealForged =
                new Manifest(Records.SPKI, content.sign(Records.signer()), seal.sign(other));
        assertRefused(() -> sealForged.verify(Records.KEY_ID), "no valid signature");
    }

    @Test
    void refusesStatementsInEachOthersPlace() throws Exception {
        var swapped =
                new Manifest(
                        Records.SPKI, seal.sign(Records.signer()), content.sign(Records.signer()));
        assertRefused(() -> swapped.verify(Records.KEY_ID), "expected type");
    }

    @Test
    void refusesASealOfOtherContent() {
        var renamed = Version.content(Records.IDENTITY, List.of(content.files().getFirst()));
        var other = Records.seal(renamed);
        assertRefused(
                () -> manifest(content, other).verify(Records.KEY_ID), "another content statement");
    }

    @Test
    void refusesLaterEpochsWithAClearMessage() {
        var renewed = with(seal, 1, seal.files());
        assertRefused(() -> manifest(content, renewed).verify(Records.KEY_ID), "epoch 1");
    }

    @Test
    void refusesAnotherNumberOfFiles() {
        var fewer = with(seal, 0, seal.files().subList(0, 1));
        assertRefused(() -> manifest(content, fewer).verify(Records.KEY_ID), "expected 2 files");
    }

    @Test
    void refusesSizesThatNoSealedFileHas() {
        var files = new ArrayList<>(seal.files());
        files.set(1, new SealedEntry(files.get(1).sealedBytes() - 16, Digest.sha256()));
        var shorter = with(seal, 0, files);
        assertRefused(() -> manifest(content, shorter).verify(Records.KEY_ID), "file 1: expected");
    }

    @Test
    void refusesMoreThan64KiB() {
        assertThatThrownBy(() -> Manifest.decode(new byte[Manifest.MAX_BYTES + 1]))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("at most 65536 bytes");
    }

    @Test
    void aVersionOfTheMostFilesFits() throws Exception {
        var files =
                IntStream.range(0, ContentStatement.MAX_FILES)
                        .mapToObj(i -> new FileEntry("f".repeat(250) + i, 1, new byte[32]))
                        .toList();
        var largest = Version.content(Records.IDENTITY, files);
        assertThat(decoded(manifest(largest, Records.seal(largest))).verify(Records.KEY_ID))
                .isNotNull();
    }

    @Test
    void theDigestNamesPayloadsNotSignatures() {
        // ECDSA is randomised: two signings differ in bytes and name the same version.
        Manifest one = manifest(content, seal);
        Manifest two = manifest(content, seal);
        assertThat(one.encode()).isNotEqualTo(two.encode());
        assertThat(one.digest()).isEqualTo(two.digest());
        assertThat(manifest(content, with(seal, 1, seal.files())).digest())
                .isNotEqualTo(one.digest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "../a", "/a", "a\\b", "a b", "ä", "a\u0000"})
    void refusesNamesThatAreNotPlain(String name) {
        assertThatThrownBy(() -> new FileEntry(name, 1, new byte[32]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesNamesTwiceNoFilesTooManyFilesAndAGraphThatIsNone() {
        var file = new FileEntry("a", 1, new byte[32]);
        assertThatThrownBy(() -> Version.content(Records.IDENTITY, List.of(file, file)))
                .hasMessageContaining("twice");
        List<FileEntry> many =
                IntStream.range(0, 65)
                        .mapToObj(i -> new FileEntry("f" + i, 1, new byte[32]))
                        .toList();
        assertThatThrownBy(() -> Version.content(Records.IDENTITY, many))
                .hasMessageContaining("files");
        assertThatThrownBy(() ->
                        new ContentStatement(
                                Suite.AES256_GCM_HKDF_1MB_OAEP_SHA1,
                                Records.KEY_ID,
                                Records.IDENTITY.model(),
                                Records.IDENTITY.versionId(),
                                Records.NOW,
                                Preparation.NONE,
                                "b",
                                List.of(file),
                                Version.RELEASE_POLICY,
                                Version.OUTPUT_POLICY,
                                "",
                                "",
                                List.of()))
                .hasMessageContaining("graph file");
    }

    private static Manifest manifest(ContentStatement content, SealStatement seal) {
        try {
            return new Manifest(
                    Records.SPKI, content.sign(Records.signer()), seal.sign(Records.signer()));
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Manifest decoded(Manifest manifest) throws SealedFormatException {
        return Manifest.decode(manifest.encode());
    }

    private static SealStatement with(SealStatement seal, int epoch, List<SealedEntry> files) {
        return new SealStatement(
                epoch,
                epoch == 0 ? Optional.empty() : Optional.of(Digest.sha256()),
                seal.contentDigest(),
                seal.importCiphertextDigest(),
                new byte[SealStatement.envelopeBytes(epoch)],
                seal.commitment(),
                files);
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable verification, String message) {
        assertThatThrownBy(verification)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(message);
    }
}
