package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;

/** A node with a KEM key pair and evidence of a software chip, verified for real. */
final class TestEnclave {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final SoftwareChip CHIP = SoftwareChip.create(new SecureRandom(), CLOCK);
    private static final byte[] MEASUREMENT = new byte[48];

    private final KeyPair kem;

    TestEnclave(int bits) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        kem = generator.generateKeyPair();
    }

    byte[] spki() {
        return kem.getPublic().getEncoded();
    }

    /** Evidence that speaks for the binding's version. */
    Attested<EnclaveKey> attested(WrapBinding binding) throws Exception {
        return attested(
                binding.model().tenant().value(), binding.ownerId(), binding.manifestDigest());
    }

    Attested<EnclaveKey> attested(String tenant, Digest owner, Digest manifest) throws Exception {
        var transcript =
                new Transcript(
                        Role.RELEASE,
                        TestToken.newDataKey(),
                        spki(),
                        new byte[91],
                        Digest.sha256(),
                        owner,
                        tenant,
                        manifest,
                        List.of(),
                        Posture.BASE,
                        new byte[16]);
        var config = ChipConfig.launch(MEASUREMENT, owner.bytes());
        var evidence = CHIP.vcek(config).sign(CHIP.report(config, transcript.reportData()));
        Instant soon = CLOCK.instant().plusSeconds(60);
        var verdict =
                new EvidenceVerifier(CHIP.anchors(), CLOCK)
                        .verify(evidence, Challenge.release(transcript, soon), policy());
        if (verdict instanceof Verdict.Trusted<EnclaveKey>(Attested<EnclaveKey> attested)) {
            return attested;
        }
        throw new AssertionError(verdict);
    }

    private static ReleasePolicy policy() throws Exception {
        String json =
                """
                {"version":1,"minPosture":"base",
                 "require":{"claim":"snp.measurement","op":"eq","value":"%s"}}
                """
                        .formatted(HexFormat.of().formatHex(MEASUREMENT));
        return ReleasePolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    byte[] open(WrappedKey.ForEnclave released) throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        oaep.init(Cipher.DECRYPT_MODE, kem.getPrivate());
        return oaep.doFinal(released.bytes());
    }
}
