package dev.strongroom.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.simulated.SimulatedAnchors;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.SnpVerdict;
import dev.strongroom.attestation.snp.SnpVerifier;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under a believed root, certificates that AMD would not issue are refused all the same. */
class HostileChainTest {
    private static final ChipConfig GUEST = ChipConfig.launch(new byte[48], new byte[32]);
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(HostileChain.NOW));
    private static final Instant NOW = HostileChain.NOW;

    @Test
    void acceptsTheChainThatTheseTestsStartFrom() {
        assertThat(verify(chain -> {})).isInstanceOf(SnpVerdict.Authentic.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHA256withRSAandMGF1",
                "SHA512withRSAandMGF1",
                "SHA1withRSAandMGF1",
                "SHA384withRSA",
                "SHA256withRSA"
            })
    void refusesEverySignatureButThePinnedOne(String signature) {
        assertRefused(chain -> chain.leafSignature = signature, "snp.chain.signature");
        assertRefused(chain -> chain.askSignature = signature, "snp.chain.signature");
        assertRefused(chain -> chain.rootSignature = signature, "snp.chain.signature");
    }

    @Test
    void refusesOtherKeys() {
        assertRefused(chain -> chain.leaf = HostileChain.ec("secp256r1"), "snp.chain.keys");
        assertRefused(chain -> chain.leaf = HostileChain.rsa(2048), "snp.chain.keys");
        assertRefused(chain -> chain.ask = HostileChain.rsa(1536), "snp.chain.keys");
    }

    @Test
    void refusesAnIntermediateThatMayNotSignCertificates() {
        assertRefused(chain -> chain.askUsage = KeyUsage.digitalSignature, "snp.chain.keys");
    }

    @Test
    void refusesALeafThatIsAnAuthority() {
        assertRefused(chain -> chain.leafIsAuthority = true, "snp.chain.keys");
    }

    @Test
    void refusesNamesThatDoNotBelongTogether() {
        assertRefused(chain -> chain.leafName = "SEV-VLEK", "snp.chain.names");
        assertRefused(chain -> chain.leafName = "SEV-VCEK2", "snp.chain.names");
        assertRefused(chain -> chain.askName = "SEV-Milan", "snp.chain.names");
        assertRefused(chain -> chain.askName = "SEV-VLEK-Genoa", "snp.chain.names");
    }

    @Test
    void refusesAnExpiredIntermediate() {
        assertRefused(chain -> chain.askNotAfter = NOW.minusSeconds(1), "snp.chain.validity");
    }

    @Test
    void refusesCriticalExtensionsThatNobodyKnows() {
        assertRefused(chain -> chain.unknownCriticalExtension = true, "snp.chain.path");
    }

    @Test
    void refusesACertificateOfAnotherLine() {
        assertRefused(chain -> chain.extension("2", new DERIA5String("Milan-B0")), "snp.product");
        assertRefused(
                chain -> chain.extension("2", new DERIA5String("Naples")), "snp.leaf.extension");
        assertRefused(
                chain -> chain.extension("2", new DERUTF8String("Genoa")), "snp.leaf.extension");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "3.1", "3.2", "3.3", "3.8"})
    void refusesACertificateThatLeavesSomethingOut(String arcs) {
        assertRefused(chain -> chain.leafExtensions.remove(arcs), "snp.leaf.extension");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 256, 65_535})
    void refusesSecurityVersionsThatAreNoByte(int version) {
        assertRefused(
                chain -> chain.extension("3.3", new ASN1Integer(version)), "snp.leaf.extension");
    }

    @Test
    void refusesReservedComponentsThatTheReportDoesNotHave() {
        assertRefused(chain -> chain.extension("3.4", new ASN1Integer(1)), "snp.leaf.tcb");
    }

    @Test
    void refusesACertificateForNoChipOrAShortChipId() {
        assertRefused(chain -> chain.leafExtensions.remove("4"), "snp.leaf.chip-id");
        assertRefused(chain -> chain.leafExtensions.put("4", new byte[8]), "snp.leaf.chip-id");
        assertRefused(chain -> chain.leafExtensions.put("4", new byte[64]), "snp.leaf.chip-id");
    }

    @Test
    void refusesAVcekThatNamesAProvider() {
        assertRefused(
                chain -> chain.extension("5", new DERIA5String("CN=example.com")),
                "snp.leaf.provider");
    }

    @Test
    void acceptsAVlekThatNamesAProviderAndNoChip() {
        assertThat(verifyVlek(chain -> {})).isInstanceOf(SnpVerdict.Authentic.class);
        assertRefused(
                verifyVlek(chain -> chain.leafExtensions.put("4", GUEST.chipId())),
                "snp.leaf.provider");
        assertRefused(verifyVlek(chain -> chain.leafExtensions.remove("5")), "snp.leaf.provider");
    }

    @Test
    void refusesMoreChainsOnlyWhenNoneFits() {
        var good = new HostileChain(GUEST);
        byte[] root = good.root();
        var bad = new HostileChain(GUEST);
        bad.leafExtensions.remove("4");
        var certificates = new ArrayList<>(bad.certificates(root));
        certificates.addAll(good.certificates(root));
        assertThat(verify(good, root, certificates, 0)).isInstanceOf(SnpVerdict.Authentic.class);
    }

    @Property
    void throwsNothingOnArbitraryCertificates(@ForAll byte[] certificate) {
        var chain = new HostileChain(GUEST);
        byte[] root = chain.root();
        assertRefused(verify(chain, root, List.of(certificate), 0), "snp.endorsements");
    }

    private static void assertRefused(Consumer<HostileChain> change, String rule) {
        assertRefused(verify(change), rule);
    }

    private static void assertRefused(SnpVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        SnpVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }

    private static SnpVerdict verify(Consumer<HostileChain> change) {
        var chain = new HostileChain(GUEST);
        change.accept(chain);
        byte[] root = chain.root();
        return verify(chain, root, chain.certificates(root), 0);
    }

    private static SnpVerdict verifyVlek(Consumer<HostileChain> change) {
        var chain = new HostileChain(GUEST);
        chain.askName = "SEV-VLEK-Genoa";
        chain.leafName = "SEV-VLEK";
        chain.leafExtensions.remove("4");
        chain.extension("5", new DERIA5String("CN=example.com"));
        change.accept(chain);
        byte[] root = chain.root();
        return verify(chain, root, chain.certificates(root), 1);
    }

    private static SnpVerdict verify(
            HostileChain chain, byte[] root, List<byte[]> certificates, int signingKey) {
        byte[] report = CHIP.report(GUEST, new byte[64]);
        report[0x48] = (byte) (signingKey << 2);
        byte[] signed = SoftwareChip.Vcek.sign(report, chain.reportKey());
        var anchors = SimulatedAnchors.of(Digest.sha256(root), ProductLine.GENOA);
        return new SnpVerifier(anchors.snpRoots(), Tee.SIMULATED, Revocation.WHEN_GIVEN)
                .verify(signed, certificates, List.of(), NOW);
    }
}
