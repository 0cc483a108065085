package dev.strongroom.crypto.custody.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.custody.OwnerSide;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.Opener;
import dev.strongroom.crypto.open.ReleaseKey;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sealed by the client, wrapped by the real token, opened by the node: no stand-in on the way. */
class ReleaseToNodeTest {
    private static final byte[] WEIGHTS = "weights".getBytes(StandardCharsets.UTF_8);
    private static final InstantSource CLOCK = InstantSource.system();

    @Test
    void theNodeOpensWhatTheClientSealedThroughTheToken() throws Exception {
        try (TestToken token = TestToken.make();
                var release = ReleaseKey.generate();
                Arena arena = Arena.ofConfined()) {
            Pkcs11Custodian custodian = token.custodian();
            var owner = Version.p256();
            Version version =
                    Version.seal(
                            owner,
                            Version.identity(owner, OaepHash.SHA1),
                            custodian.importKeySpki(OwnerSide.ACME, 1),
                            Map.of("model.onnx", WEIGHTS));
            VerifiedManifest manifest = version.verified();
            var binding =
                    new WrapBinding(
                            manifest.identity().model(),
                            manifest.identity().versionId(),
                            manifest.identity().ownerId(),
                            manifest.digest());
            var stored = custodian.importWrapped(version.wrappedToImportKey(), binding, 1, 1);
            var released = custodian.releaseTo(stored, attested(binding, release.spki()));

            byte[] sealed = version.sealed().getFirst();
            MemorySegment source =
                    arena.allocate(sealed.length).copyFrom(MemorySegment.ofArray(sealed));
            MemorySegment opened = arena.allocate(WEIGHTS.length);
            try (var key = release.open(released.bytes(), manifest)) {
                Opener.open(source, WEIGHTS.length, manifest.fileIdentity(0), key, opened, 1);
            }
            assertThat(opened.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(WEIGHTS);
        }
    }

    private static Attested<EnclaveKey> attested(WrapBinding binding, byte[] kemSpki)
            throws Exception {
        var chip = SoftwareChip.create(new SecureRandom(), CLOCK);
        byte[] measurement = new byte[48];
        var transcript =
                new Transcript(
                        Role.RELEASE,
                        OwnerSide.newDataKey(),
                        kemSpki,
                        new byte[91],
                        binding.ownerId(),
                        NodeOwners.alone(binding.ownerId()),
                        binding.model().tenant().value(),
                        binding.manifestDigest(),
                        List.of(),
                        Posture.BASE,
                        new byte[16]);
        var config = ChipConfig.launch(measurement, binding.ownerId().bytes());
        var evidence = chip.vcek(config).sign(chip.report(config, transcript.reportData()));
        var policy = ChipPolicy.of(measurement);
        var challenge = Challenge.release(transcript, CLOCK.instant().plusSeconds(60));
        var verdict =
                new EvidenceVerifier(chip.anchors(), CLOCK).verify(evidence, challenge, policy);
        if (verdict instanceof Verdict.Trusted<EnclaveKey>(Attested<EnclaveKey> attested)) {
            return attested;
        }
        throw new AssertionError(verdict);
    }
}
