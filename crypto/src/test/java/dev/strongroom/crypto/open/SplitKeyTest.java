package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.seal.TestSecrets;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who has T, and everything else that a vault's host has, and not the owner's part, has nothing.
 */
class SplitKeyTest {
    private static final byte[] WEIGHTS = "weights".getBytes(StandardCharsets.UTF_8);
    private static final KeyPair OWNER = Version.p256();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ReleaseKey fromVault = ReleaseKey.generate();
    private final ReleaseKey fromAgent = ReleaseKey.generate();

    @AfterEach
    void forgetKeys() {
        fromVault.close();
        fromAgent.close();
    }

    /** A version, its owner's part, sealed straight to the node's second key, and T. */
    private record Split(Version version, byte[] part, byte[] t) {
        VerifiedManifest manifest() {
            return version.verified();
        }
    }

    private Split split(OaepHash hash) throws Exception {
        Identity identity = Version.splitIdentity(OWNER, hash);
        try (var secrets = VersionSecrets.split(RANDOM, identity)) {
            var version =
                    Version.seal(
                            OWNER,
                            identity,
                            fromVault.spki(),
                            Map.of("model.onnx", WEIGHTS),
                            secrets);
            return new Split(
                    version,
                    secrets.wrapSecondPart(fromAgent.spki()),
                    TestSecrets.wrappingKey(secrets));
        }
    }

    @ParameterizedTest
    @EnumSource(OaepHash.class)
    void bothPartsOpenWhatTheOwnerSealed(OaepHash hash) throws Exception {
        Split split = split(hash);
        try (SecondPart part = fromAgent.openPart(split.part());
                ContentKey key =
                        fromVault.open(
                                split.version().wrappedToImportKey(), split.manifest(), part)) {
            assertThat(opened(split, key)).isEqualTo(WEIGHTS);
        }
    }

    @Test
    void tAloneIsRefusedByTheApi() throws Exception {
        Split split = split(OaepHash.SHA256);
        assertThatThrownBy(() ->
                        fromVault.open(split.version().wrappedToImportKey(), split.manifest()))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("takes its owner's part");
    }

    /**
     * A root on the vault's host needs no API of ours: T opens the envelope, and that is no key.
     */
    @Test
    void whatTOpensIsNotTheContentKey() throws Exception {
        Split split = split(OaepHash.SHA256);
        VerifiedManifest manifest = split.manifest();
        byte[] envelope = manifest.seal().ikmEnvelope();
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(split.t(), "AES"),
                new GCMParameterSpec(128, envelope, 0, SealStatement.ENVELOPE_NONCE_BYTES));
        gcm.updateAAD(manifest.identity().version());
        byte[] firstPart =
                gcm.doFinal(
                        Arrays.copyOfRange(
                                envelope, SealStatement.ENVELOPE_NONCE_BYTES, envelope.length));
        assertThat(Derivation.commitment(firstPart, manifest.identity()))
                .isNotEqualTo(manifest.seal().commitment());
        try (var guess = new ContentKey(firstPart, Derivation.digestRoot(firstPart))) {
            assertThatThrownBy(() -> opened(split, guess))
                    .isInstanceOf(SealedFormatException.class);
        }
    }

    @Test
    void anotherVersionsPartIsRefused() throws Exception {
        Split split = split(OaepHash.SHA256);
        Split other = split(OaepHash.SHA256);
        try (SecondPart part = fromAgent.openPart(other.part())) {
            assertThatThrownBy(() ->
                            fromVault.open(
                                    split.version().wrappedToImportKey(), split.manifest(), part))
                    .isInstanceOf(SealedFormatException.class)
                    .hasMessageContaining("expected the wrapping key of manifest");
        }
    }

    @Test
    void aPartIsOpenedOnceAndOnlyByItsKey() throws Exception {
        Split split = split(OaepHash.SHA256);
        assertThatThrownBy(() -> fromVault.openPart(split.part()))
                .isInstanceOf(SealedFormatException.class);
        fromAgent.openPart(split.part()).close();
        assertThatThrownBy(() -> fromAgent.openPart(split.part()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anUnsplitVersionTakesNoPart() throws Exception {
        Split split = split(OaepHash.SHA256);
        Version whole =
                Version.seal(
                        OWNER,
                        Version.identity(OWNER, OaepHash.SHA256),
                        fromVault.spki(),
                        Map.of("model.onnx", WEIGHTS));
        try (SecondPart part = fromAgent.openPart(split.part())) {
            assertThatThrownBy(() ->
                            fromVault.open(whole.wrappedToImportKey(), whole.verified(), part))
                    .isInstanceOf(SealedFormatException.class);
        }
    }

    @Test
    void nobodyButTheOwnerTakesTheSplitAway() throws Exception {
        Split split = split(OaepHash.SHA256);
        Manifest manifest = split.version().manifest();
        ContentStatement content = split.manifest().content();
        var stripped =
                new ContentStatement(
                        Suite.of(OaepHash.SHA256),
                        content.ownerId(),
                        content.model(),
                        content.versionId(),
                        content.createdAt(),
                        content.preparation(),
                        content.graphFile(),
                        content.files(),
                        content.releasePolicy(),
                        content.outputPolicy(),
                        content.licence(),
                        content.provenance(),
                        content.resealBy());
        var withOldSignature =
                new Manifest(
                        manifest.ownerSpki(),
                        new Dsse(
                                ContentStatement.PAYLOAD_TYPE,
                                stripped.encode(),
                                manifest.content().signatures()),
                        manifest.seal());
        assertThatThrownBy(() -> withOldSignature.verify(split.version().ownerId()))
                .isInstanceOf(SealedFormatException.class);
        var signedByAnother =
                new Manifest(
                        manifest.ownerSpki(),
                        stripped.sign(P256.signer(Version.p256())),
                        manifest.seal());
        assertThatThrownBy(() -> signedByAnother.verify(split.version().ownerId()))
                .isInstanceOf(SealedFormatException.class);
    }

    @Test
    void aSplitVersionNamesItsAgentAndNoSealer() throws Exception {
        ContentStatement content = split(OaepHash.SHA1).manifest().content();
        assertThat(content.agent()).contains(Version.AGENT);
        assertThatThrownBy(() -> with(content, List.of("ab".repeat(48)), content.agent()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> with(content, List.of(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ContentStatement with(
            ContentStatement content, List<String> resealBy, Optional<Digest> agent) {
        return new ContentStatement(
                content.suite(),
                content.ownerId(),
                content.model(),
                content.versionId(),
                content.createdAt(),
                content.preparation(),
                content.graphFile(),
                content.files(),
                content.releasePolicy(),
                content.outputPolicy(),
                content.licence(),
                content.provenance(),
                resealBy,
                agent);
    }

    @Test
    void partsAndRevocationsAreTheOwnersWord() throws Exception {
        Identity identity = Version.splitIdentity(OWNER, OaepHash.SHA256);
        var part =
                new PartStatement(
                        Version.AGENT,
                        identity.ownerId(),
                        identity.model(),
                        identity.versionId(),
                        Digest.sha256(),
                        new byte[384]);
        var revocation =
                new PartRevocation(
                        Version.AGENT,
                        identity.ownerId(),
                        PartRevocation.Kind.CHIP,
                        "00ff",
                        "stolen",
                        Instant.EPOCH);
        byte[] spki = OWNER.getPublic().getEncoded();
        StatementSigner stranger = P256.signer(Version.p256());
        assertThat(PartStatement.verify(part.sign(P256.signer(OWNER)), identity.ownerId(), spki))
                .usingRecursiveComparison()
                .isEqualTo(part);
        assertThat(
                        PartRevocation.verify(
                                revocation.sign(P256.signer(OWNER)), identity.ownerId(), spki))
                .isEqualTo(revocation);
        assertThatThrownBy(
                        () -> PartStatement.verify(part.sign(stranger), identity.ownerId(), spki))
                .isInstanceOf(SealedFormatException.class);
        assertThatThrownBy(() ->
                        PartRevocation.verify(revocation.sign(stranger), identity.ownerId(), spki))
                .isInstanceOf(SealedFormatException.class);
    }

    private static byte[] opened(Split split, ContentKey key) throws Exception {
        VerifiedManifest manifest = split.manifest();
        try (Arena arena = Arena.ofConfined()) {
            byte[] sealed = split.version().sealed().getFirst();
            MemorySegment source =
                    arena.allocate(sealed.length).copyFrom(MemorySegment.ofArray(sealed));
            MemorySegment destination = arena.allocate(WEIGHTS.length);
            Opener.open(source, WEIGHTS.length, manifest.fileIdentity(0), key, destination, 1);
            return destination.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
