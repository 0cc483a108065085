package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.Vectors.Vector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a report costs grows with what was sent, not with its fourth power, and ends somewhere. */
class SignatureChecksTest {
    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP);
    private static final String LIST = "crl_ark_milan_2022-05-09.der";
    private static final int ALONE = 7;

    private final SignatureChecks checks = new SignatureChecks();

    @Test
    void checksEachSignatureOnce() {
        Vector milan = milan();
        assertThat(
                        verify(
                                milan.report(),
                                times(8, milan.certificates()),
                                times(8, List.of(list()))))
                .isInstanceOf(SnpVerdict.Authentic.class);
        assertThat(checks.count()).isEqualTo(ALONE);
    }

    @Test
    void looksAtOneChainOfAReportThatNoLeafSigned() {
        Vector milan = milan();
        byte[] report = milan.report().clone();
        report[0x90] ^= 1; // the measurement
        List<byte[]> certificates = new ArrayList<>(milan.certificates());
        certificates.addAll(spoilt(milan.chain().getFirst(), 8));
        certificates.addAll(spoilt(milan.chain().getLast(), 8));
        assertThat(verify(report, certificates, spoilt(list(), 12)))
                .isInstanceOf(SnpVerdict.Refused.class);
        assertThat(checks.count()).isLessThanOrEqualTo(ALONE + 12);
    }

    /** Each forged copy has the name of the real one, so all of them fit together. */
    @Test
    void paysForEachForgedCertificateOnce() {
        Vector milan = milan();
        var certificates = new ArrayList<byte[]>();
        certificates.addAll(spoilt(milan.leaf(), 8));
        certificates.addAll(spoilt(milan.chain().getFirst(), 8));
        certificates.addAll(spoilt(milan.chain().getLast(), 3));
        certificates.addAll(milan.certificates());
        var lists = new ArrayList<>(spoilt(list(), 8));
        lists.add(list());

        assertThat(verify(milan.report(), certificates, lists))
                .isInstanceOf(SnpVerdict.Authentic.class);
        assertThat(checks.count()).isLessThanOrEqualTo(ALONE + 2 * 8 + 8 + 8);
    }

    @Test
    void stopsWhereNoHonestReportGoes() {
        Vector milan = milan();
        var certificates = spoilt(milan.leaf(), SignatureChecks.MAX);
        certificates.addAll(milan.chain());
        assertThat(verify(milan.report(), certificates, List.of(list())))
                .isInstanceOfSatisfying(
                        SnpVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("snp.endorsements"));
        assertThat(checks.count()).isEqualTo(SignatureChecks.MAX);
    }

    private SnpVerdict verify(byte[] report, List<byte[]> certificates, List<byte[]> lists) {
        return AMD.verify(report, certificates, lists, checks, milan().verifyAt());
    }

    private static Vector milan() {
        Instant from = Instant.parse("2022-05-09T17:07:45Z");
        Instant until = Instant.parse("2023-05-09T23:00:00Z");
        return Vectors.genuine()
                .filter(vector -> vector.name().startsWith("milan"))
                .filter(vector -> vector.verifyAt().isAfter(from))
                .filter(vector -> vector.verifyAt().isBefore(until))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] list() {
        return Vectors.trust(LIST);
    }

    /** Copies whose signature is wrong, each in its own way. */
    private static List<byte[]> spoilt(byte[] der, int copies) {
        return new ArrayList<>(
                IntStream.rangeClosed(1, copies)
                        .mapToObj(i -> {
                            byte[] copy = der.clone();
                            copy[copy.length - 1 - i / 255] ^= (byte) (i % 255 + 1);
                            return copy;
                        })
                        .toList());
    }

    private static List<byte[]> times(int copies, List<byte[]> all) {
        return Stream.generate(() -> all).limit(copies).flatMap(List::stream).toList();
    }
}
