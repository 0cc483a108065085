package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.crypto.Cipher;

/** A node with a KEM key pair and evidence of a software chip, verified for real. */
public final class TestEnclave {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final SoftwareChip CHIP = SoftwareChip.create(new SecureRandom(), CLOCK);
    private static final byte[] MEASUREMENT = new byte[48];

    private final KeyPair kem;

    public TestEnclave(int bits) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        kem = generator.generateKeyPair();
    }

    public byte[] spki() {
        return kem.getPublic().getEncoded();
    }

    /** Evidence that speaks for the binding's version. */
    public Attested<EnclaveKey> attested(WrapBinding binding) throws Exception {
        return attested(
                binding.model().tenant().value(), binding.ownerId(), binding.manifestDigest());
    }

    public Attested<EnclaveKey> attested(String tenant, Digest owner, Digest manifest)
            throws Exception {
        var transcript =
                new Transcript(
                        Role.RELEASE,
                        OwnerSide.newDataKey(),
                        spki(),
                        new byte[91],
                        Digest.sha256(),
                        NodeOwners.alone(owner),
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
        return ChipPolicy.of(MEASUREMENT);
    }

    public byte[] open(WrappedKey.ForEnclave released) throws GeneralSecurityException {
        OaepHash hash =
                switch (released.format()) {
                    case RSA_OAEP_SHA1 -> OaepHash.SHA1;
                    case RSA_OAEP_SHA256 -> OaepHash.SHA256;
                    default -> throw new AssertionError(released.format());
                };
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.DECRYPT_MODE, kem.getPrivate(), hash.parameters());
        return oaep.doFinal(released.bytes());
    }
}
