package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.Version;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose renewed seal is believed, and everything that is not. */
class ResealedManifestTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.system());
    private static final byte[] IMAGE = filled(7);
    private static final byte[] OTHER_IMAGE = filled(8);

    private final EvidenceVerifier verifier =
            new EvidenceVerifier(CHIP.anchors(), InstantSource.system());
    private final ContentStatement content = content(List.of(HexFormat.of().formatHex(IMAGE)));
    private final KeyPair sealer = Version.p256();
    private final ChipConfig guest = ChipConfig.launch(IMAGE, Records.KEY_ID.bytes());

    @Test
    void believesASealOfAnAllowedAttestedNode() throws Exception {
        Manifest renewed = renewed(content, seal(content, 1), Role.RESEAL, guest);
        var verified = Manifest.decode(renewed.encode()).verify(Records.KEY_ID, verifier);
        assertThat(verified.seal().epoch()).isEqualTo(1);
        assertThat(verified.sealer().orElseThrow().claims().values().get("snp.measurement"))
                .isEqualTo(HexFormat.of().formatHex(IMAGE));
        assertThat(verified.content()).usingRecursiveComparison().isEqualTo(content);
    }

    @Test
    void theOwnersOwnSealNeedsNoEvidence() throws Exception {
        var first = manifest(content, Records.seal(content), Records.signer(), Optional.empty());
        assertThat(first.verify(Records.KEY_ID, verifier).sealer()).isEmpty();
    }

    @Test
    void whereTheOwnerMustHaveSealedARenewedSealIsRefused() {
        Manifest renewed = renewed(content, seal(content, 1), Role.RESEAL, guest);
        assertRefused(() -> renewed.verify(Records.KEY_ID), "epoch 1, expected 0");
    }

    @Test
    void refusesWithoutTheOwnersGrant() {
        ContentStatement none = content(List.of());
        Manifest renewed = renewed(none, seal(none, 1), Role.RESEAL, guest);
        assertRefused(renewed, "the owner lets none");
    }

    @Test
    void refusesAnotherMeasurement() {
        var other = ChipConfig.launch(OTHER_IMAGE, Records.KEY_ID.bytes());
        assertRefused(
                renewed(content, seal(content, 1), Role.RESEAL, other), "policy.snp.measurement");
    }

    @Test
    void refusesANodeLaunchedForAnotherOwner() {
        var other = ChipConfig.launch(IMAGE, Digest.sha256(new byte[] {1}).bytes());
        assertRefused(renewed(content, seal(content, 1), Role.RESEAL, other), "binding.host-data");
    }

    @Test
    void refusesADebugGuest() {
        assertRefused(
                renewed(content, seal(content, 1), Role.RESEAL, guest.withDebug()),
                "snp.policy.debug");
    }

    @Test
    void refusesEvidenceOfOtherRoles() {
        for (Role role : List.of(Role.RELEASE, Role.SERVE)) {
            assertRefused(renewed(content, seal(content, 1), role, guest), "binding.report-data");
        }
    }

    @Test
    void refusesEvidenceOfAnotherSealAndOfAnotherEpoch() {
        Manifest one = renewed(content, seal(content, 1), Role.RESEAL, guest);
        for (SealStatement other :
                List.of(seal(content, 2), seal(content, 1, Digest.sha256(new byte[] {9})))) {
            Manifest swapped = manifest(content, other, P256.signer(sealer), one.proof());
            assertRefused(swapped, "binding.report-data");
        }
    }

    @Test
    void refusesASealOfOtherContent() {
        ContentStatement other = content(List.of(HexFormat.of().formatHex(OTHER_IMAGE)));
        Manifest renewed = renewed(content, seal(other, 1), Role.RESEAL, guest);
        assertRefused(renewed, "another content statement");
    }

    @Test
    void refusesAnotherKeysSignature() {
        Manifest renewed = renewed(content, seal(content, 1), Role.RESEAL, guest);
        Manifest forged =
                manifest(content, seal(content, 1), P256.signer(Version.p256()), renewed.proof());
        assertRefused(forged, "no valid signature");
        Manifest byOwner = manifest(content, seal(content, 1), Records.signer(), renewed.proof());
        assertRefused(byOwner, "no valid signature");
    }

    @Test
    void refusesALaterEpochWithoutProofAndAFirstOneWithIt() {
        assertRefused(
                manifest(content, seal(content, 1), P256.signer(sealer), Optional.empty()),
                "expected a proof");
        Manifest renewed = renewed(content, seal(content, 1), Role.RESEAL, guest);
        assertRefused(
                manifest(content, Records.seal(content), Records.signer(), renewed.proof()),
                "expected 0");
    }

    @Test
    void simulatedEvidenceIsWorthNothingToAProductionVerifier() {
        Manifest renewed = renewed(content, seal(content, 1), Role.RESEAL, guest);
        var production = new EvidenceVerifier(TrustAnchors.vendors(), InstantSource.system());
        assertRefused(() -> renewed.verify(Records.KEY_ID, production), "snp.");
        SoftwareChip foreign = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        var elsewhere = new EvidenceVerifier(foreign.anchors(), InstantSource.system());
        assertRefused(() -> renewed.verify(Records.KEY_ID, elsewhere), "snp.");
    }

    @Test
    void aPreviousManifestIsNamedAfterEpochZeroOnly() {
        assertThatThrownBy(() -> seal(content, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("previous manifest");
    }

    private Manifest renewed(
            ContentStatement stated, SealStatement seal, Role role, ChipConfig launched) {
        Manifest bare = manifest(stated, seal, P256.signer(sealer), Optional.empty());
        byte[] nonce = new byte[Transcript.NONCE_BYTES];
        byte[] bootId = new byte[Transcript.BOOT_ID_BYTES];
        byte[] spki = sealer.getPublic().getEncoded();
        var policies =
                List.of(
                        new PolicyReference(
                                PolicyReference.Kind.RELEASE, "ab".repeat(16), 1, Digest.sha256()));
        var transcript =
                new Transcript(
                        role,
                        nonce,
                        role == Role.RELEASE ? new byte[] {1} : new byte[0],
                        spki,
                        Digest.sha256(),
                        NodeOwners.alone(stated.ownerId()),
                        stated.model().tenant().value(),
                        bare.digest(),
                        policies,
                        Posture.BASE,
                        bootId);
        var proof =
                new ResealProof(
                        spki,
                        nonce,
                        Digest.sha256(),
                        policies,
                        Posture.BASE,
                        bootId,
                        evidence(launched, transcript));
        return manifest(stated, seal, P256.signer(sealer), Optional.of(proof));
    }

    private static Evidence evidence(ChipConfig launched, Transcript transcript) {
        return CHIP.vcek(launched).sign(CHIP.report(launched, transcript.reportData()));
    }

    private static Manifest manifest(
            ContentStatement stated,
            SealStatement seal,
            StatementSigner signer,
            Optional<ResealProof> proof) {
        try {
            return new Manifest(
                    Records.SPKI, stated.sign(Records.signer()), seal.sign(signer), proof);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static SealStatement seal(ContentStatement stated, int epoch) {
        return seal(stated, epoch, Digest.sha256(new byte[] {5}));
    }

    private static SealStatement seal(ContentStatement stated, int epoch, Digest previous) {
        SealStatement first = Records.seal(stated);
        return new SealStatement(
                epoch,
                Optional.of(previous),
                first.contentDigest(),
                first.importCiphertextDigest(),
                new byte[SealStatement.envelopeBytes(epoch)],
                first.commitment(),
                first.files());
    }

    private static ContentStatement content(List<String> resealBy) {
        ContentStatement base = Records.content();
        return new ContentStatement(
                base.suite(),
                base.ownerId(),
                base.model(),
                base.versionId(),
                base.createdAt(),
                base.preparation(),
                base.graphFile(),
                base.files(),
                base.releasePolicy(),
                base.outputPolicy(),
                base.licence(),
                base.provenance(),
                resealBy);
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[48];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private void assertRefused(Manifest manifest, String message) {
        assertRefused(() -> manifest.verify(Records.KEY_ID, verifier), message);
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable verification, String message) {
        assertThatThrownBy(verification)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(message);
    }
}
