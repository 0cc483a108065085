package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An attestation key that an authority certified, and every way for that to be untrue. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AkChainTest {
    private static final Instant NOW = AkAuthority.NOW;
    private static final SoftwareTpm TPM = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final SoftwareTpm OTHER = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);

    private AkAuthority root;
    private AkAuthority intermediate;
    private byte[] leaf;

    @BeforeAll
    void issue() throws Exception {
        root = AkAuthority.root("root");
        intermediate = root.intermediate("intermediate");
        leaf = certify(TPM.pair().getPublic());
    }

    @Test
    void acceptsACertifiedKeyAndTellsItsRoot() {
        assertThat(verify(List.of(), root.certificate(), leaf, intermediate.certificate()))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims())
                                        .containsEntry("tpm.ak.trust", "certificate")
                                        .containsEntry(
                                                "tpm.ak.root",
                                                Digest.sha256(root.certificate()).hex()));
    }

    @Test
    void acceptsUnderCurrentListsOfEveryAuthority() throws Exception {
        var lists = List.of(root.list(), intermediate.list());
        assertThat(verify(lists, root.certificate(), leaf, intermediate.certificate()))
                .isInstanceOf(TpmVerdict.Authentic.class);
    }

    @Test
    void refusesARevokedKeyAndARevokedAuthority() throws Exception {
        assertRule(
                verify(
                        List.of(root.list(), intermediate.list(leaf)),
                        root.certificate(),
                        leaf,
                        intermediate.certificate()),
                "tpm.ak.chain");
        assertRule(
                verify(
                        List.of(root.list(intermediate.certificate()), intermediate.list()),
                        root.certificate(),
                        leaf,
                        intermediate.certificate()),
                "tpm.ak.chain");
    }

    @Test
    void refusesWhenOneAuthorityHasNoList() throws Exception {
        assertRule(
                verify(List.of(root.list()), root.certificate(), leaf, intermediate.certificate()),
                "tpm.ak.chain");
    }

    @Test
    void refusesARootThatIsNotBelieved() throws Exception {
        AkAuthority rogue = AkAuthority.root("root");
        AkAuthority theirs = rogue.intermediate("intermediate");
        byte[] certificate =
                theirs.certify(
                        TPM.pair().getPublic(),
                        AkAuthority.AK_CERTIFICATE,
                        NOW.plus(Duration.ofDays(1)));
        assertRule(
                verify(List.of(), rogue.certificate(), certificate, theirs.certificate()),
                "tpm.ak.root");
        assertRule(
                verify(List.of(), root.certificate(), certificate, theirs.certificate()),
                "tpm.ak.chain");
    }

    @Test
    void refusesACertificateForAnotherUse() throws Exception {
        byte[] client =
                intermediate.certify(
                        TPM.pair().getPublic(),
                        AkAuthority.OTHER_USAGE,
                        NOW.plus(Duration.ofDays(1)));
        assertRule(
                verify(List.of(), root.certificate(), client, intermediate.certificate()),
                "tpm.ak.certificates");
    }

    @Test
    void refusesTwoCertifiedKeys() throws Exception {
        assertRule(
                verify(
                        List.of(),
                        root.certificate(),
                        leaf,
                        certify(OTHER.pair().getPublic()),
                        intermediate.certificate()),
                "tpm.ak.certificates");
    }

    @Test
    void refusesACertificateOfAnotherKey() throws Exception {
        assertRule(
                verify(
                        List.of(),
                        root.certificate(),
                        certify(OTHER.pair().getPublic()),
                        intermediate.certificate()),
                "tpm.ak.other");
    }

    @Test
    void refusesOutsideTheCertificatesValidity() throws Exception {
        byte[] expired =
                intermediate.certify(
                        TPM.pair().getPublic(),
                        AkAuthority.AK_CERTIFICATE,
                        NOW.minus(Duration.ofDays(1)));
        assertRule(
                verify(List.of(), root.certificate(), expired, intermediate.certificate()),
                "tpm.ak.chain");
    }

    @Test
    void refusesAGapInTheChainAndWhatIsNoCertificate() {
        assertRule(verify(List.of(), root.certificate(), leaf), "tpm.ak.chain");
        assertRule(verify(List.of(), new byte[] {0x30, 0}), "tpm.ak.certificates");
        assertRule(verify(List.of()), "tpm.ak.certificates");
    }

    @Test
    void refusesASignatureThatTheAuthorityDidNotMake() {
        byte[] forged = leaf.clone();
        forged[forged.length - 1] ^= 1;
        assertRule(
                verify(List.of(), root.certificate(), forged, intermediate.certificate()),
                "tpm.ak.chain");
    }

    private byte[] certify(PublicKey key) throws Exception {
        return intermediate.certify(key, AkAuthority.AK_CERTIFICATE, NOW.plus(Duration.ofDays(1)));
    }

    private TpmVerdict verify(List<X509CRL> lists, byte[]... certificates) {
        var trust = new AkTrust.Certified(Set.of(Digest.sha256(root.certificate())), lists);
        return new TpmVerifier(trust).verify(TPM.evidence(), List.of(certificates), NOW);
    }

    private static void assertRule(TpmVerdict verdict, String rule) {
        TpmVerifierTest.assertRule(verdict, rule);
    }
}
