package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client's side is SunJCE, the node's is Conscrypt with our own unpadding: they must agree. */
class ReleaseKeyTest {
    private static final byte[] WEIGHTS = "weights".getBytes(StandardCharsets.UTF_8);
    private static final KeyPair OWNER = Version.p256();

    @ParameterizedTest
    @EnumSource(OaepHash.class)
    void opensWhatTheClientSealed(OaepHash hash) throws Exception {
        try (var release = ReleaseKey.generate()) {
            Version version = sealed(release, hash);
            VerifiedManifest manifest = version.verified();
            try (ContentKey key = release.open(version.wrappedToImportKey(), manifest);
                    Arena arena = Arena.ofConfined()) {
                byte[] sealed = version.sealed().getFirst();
                MemorySegment source =
                        arena.allocate(sealed.length).copyFrom(MemorySegment.ofArray(sealed));
                MemorySegment destination = arena.allocate(WEIGHTS.length);
                Opener.open(source, WEIGHTS.length, manifest.fileIdentity(0), key, destination, 1);
                assertThat(destination.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(WEIGHTS);
                Opener.requireDigest(
                        destination,
                        manifest.content().files().getFirst(),
                        manifest.fileIdentity(0),
                        key);
            }
        }
    }

    @Test
    void opensOnceOnly() throws Exception {
        try (var release = ReleaseKey.generate()) {
            Version version = sealed(release, OaepHash.SHA1);
            release.open(version.wrappedToImportKey(), version.verified()).close();
            assertThatThrownBy(() -> release.open(version.wrappedToImportKey(), version.verified()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFailedAttemptIsTheOnlyAttempt() {
        try (var release = ReleaseKey.generate()) {
            Version version = sealed(release, OaepHash.SHA1);
            byte[] wrapped = version.wrappedToImportKey().clone();
            wrapped[100] ^= 1;
            assertRefused(release, wrapped, version.verified());
            assertThatThrownBy(() -> release.open(version.wrappedToImportKey(), version.verified()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void refusesAfterClose() {
        var release = ReleaseKey.generate();
        Version version = sealed(release, OaepHash.SHA1);
        release.close();
        assertThatThrownBy(() -> release.open(version.wrappedToImportKey(), version.verified()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesAKeyOfTheOtherHash() {
        try (var release = ReleaseKey.generate()) {
            Version sha256 = sealed(release, OaepHash.SHA256);
            Version sha1 = sealed(release, OaepHash.SHA1);
            assertRefused(release, sha256.wrappedToImportKey(), sha1.verified());
        }
    }

    @Test
    void refusesTheKeyOfAnotherVersion() {
        try (var release = ReleaseKey.generate()) {
            Version one = sealed(release, OaepHash.SHA1);
            Version two = sealed(release, OaepHash.SHA1);
            assertRefused(release, one.wrappedToImportKey(), two.verified());
        }
    }

    @Test
    void refusesWrongLengthsAndNumbersAboveTheModulus() {
        for (byte[] wrapped : List.of(new byte[0], new byte[383], new byte[385], ones(384))) {
            try (var release = ReleaseKey.generate()) {
                assertRefused(release, wrapped, sealed(release, OaepHash.SHA1).verified());
            }
        }
    }

    /** The right T, but an envelope made for another version id of the same owner. */
    @Test
    void refusesAnEnvelopeOfAnotherIdentity() throws Exception {
        try (var release = ReleaseKey.generate();
                var secrets = VersionSecrets.generate(new SecureRandom())) {
            Identity identity = Version.identity(OWNER, OaepHash.SHA1);
            Identity other =
                    new Identity(
                            identity.suite(),
                            identity.ownerId(),
                            identity.model(),
                            VersionId.random(new SecureRandom()));
            Version version = sealed(release, identity, secrets);
            var moved = reseal(version, secrets.envelope(other), secrets.commitment(identity));
            assertRefused(release, version.wrappedToImportKey(), moved);
        }
    }

    @Test
    void refusesAnotherCommitment() throws Exception {
        try (var release = ReleaseKey.generate();
                var secrets = VersionSecrets.generate(new SecureRandom())) {
            Identity identity = Version.identity(OWNER, OaepHash.SHA1);
            Version version = sealed(release, identity, secrets);
            byte[] commitment = secrets.commitment(identity);
            commitment[31] ^= 1;
            var changed = reseal(version, secrets.envelope(identity), commitment);
            assertRefused(release, version.wrappedToImportKey(), changed);
        }
    }

    @Test
    void showsNoSecretInText() {
        try (var release = ReleaseKey.generate();
                var key = new ContentKey(new byte[32], new byte[32]);
                var secrets = VersionSecrets.generate(new SecureRandom())) {
            assertThat(List.of(release.toString(), key.toString(), secrets.toString()))
                    .containsExactly(
                            "ReleaseKey[redacted]",
                            "ContentKey[redacted]",
                            "VersionSecrets[redacted]");
        }
    }

    private static void assertRefused(
            ReleaseKey release, byte[] wrapped, VerifiedManifest manifest) {
        assertThatThrownBy(() -> release.open(wrapped, manifest))
                .isInstanceOf(SealedFormatException.class)
                .hasMessage(
                        "release: expected the wrapping key of manifest "
                                + manifest.digest()
                                + ", wrapped to this release key");
    }

    private static Version sealed(ReleaseKey release, OaepHash hash) {
        return Version.seal(
                OWNER,
                Version.identity(OWNER, hash),
                release.spki(),
                Map.of("model.onnx", WEIGHTS));
    }

    private static Version sealed(ReleaseKey release, Identity identity, VersionSecrets secrets) {
        return Version.seal(
                OWNER, identity, release.spki(), Map.of("model.onnx", WEIGHTS), secrets);
    }

    private static VerifiedManifest reseal(Version version, byte[] envelope, byte[] commitment)
            throws Exception {
        SealStatement seal = version.verified().seal();
        var changed =
                SealStatement.first(
                        seal.contentDigest(),
                        Digest.sha256(version.wrappedToImportKey()),
                        envelope,
                        commitment,
                        seal.files());
        return new Manifest(
                        version.manifest().ownerSpki(),
                        version.manifest().content(),
                        changed.sign(P256.signer(OWNER)))
                .verify(version.ownerId());
    }

    private static byte[] ones(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 0xff);
        return bytes;
    }
}
