package dev.strongroom.attestation.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.SnpVerifier;
import dev.strongroom.attestation.tpm.TpmEvidence;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Azure's confidential VMs gave is accepted, and everything derived from it is refused. */
class RecordedAzureEvidenceTest {
    static final Instant AT = Instant.parse("2025-06-01T00:00:00Z");
    static final ProcessorVerifier NOBODY =
            (quote, now) -> new ProcessorVerdict.Refused("tdx.format", "no TDX here");
    private static final byte[] NOTHING = {};

    @ParameterizedTest
    @ValueSource(strings = {"evidence-v1.json", "evidence-v2.json"})
    void acceptsWhatAnAttesterHandedOn(String file) throws AzureFormatException {
        CocoEvidence recorded = CocoEvidence.parse(Vectors.file("trustee-az-snp/" + file));
        assertThat(verify(recorded.evidence(), chain(recorded.certificates())))
                .isInstanceOfSatisfying(
                        AzureVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims().values())
                                        .containsEntry("tee", "azure-sev-snp")
                                        .containsEntry("snp.vmpl", "0")
                                        .containsEntry("snp.policy.debug", "false")
                                        .containsEntry("azure.config.secure-boot", "true")
                                        .containsKeys("tpm.pcr.sha256.0", "tpm.pcr.sha256.23"));
    }

    @Test
    void tellsTheQualifyingData() throws AzureFormatException {
        var first = (AzureVerdict.Authentic) verdict("evidence-v1.json");
        assertThat(first.quote().extraData())
                .isEqualTo("challenge".getBytes(StandardCharsets.US_ASCII));
        var second = (AzureVerdict.Authentic) verdict("evidence-v2.json");
        assertThat(second.claims().values().get("azure.user-data"))
                .startsWith(HexFormat.of().formatHex(second.quote().extraData()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hcl-12afe0", "hcl-5145ba", "hcl-ca2703"})
    void acceptsReportsThatAChipVouchesFor(String folder) throws Exception {
        var verifier = new HclVerifier(snp(chain(everyChip())), NOBODY);
        assertThat(verifier.verify(hcl(folder), NOTHING, AT))
                .isInstanceOfSatisfying(
                        HclVerdict.Authentic.class,
                        authentic -> assertThat(authentic.claims().tee()).isEqualTo(Tee.AZURE_SNP));
    }

    /** The third one's key is in none of the reports. */
    @ParameterizedTest
    @ValueSource(strings = {"hcl-12afe0", "hcl-5145ba", "hcl-ca2703"})
    void refusesAQuoteByAKeyOfAnotherVm(String folder) throws Exception {
        var quote =
                new TpmEvidence(
                        Vectors.file("trustee-az-snp/tpm-quote.msg"),
                        Vectors.file("trustee-az-snp/tpm-quote.sig"),
                        NOTHING,
                        NOTHING,
                        NOTHING);
        var evidence = new AzureEvidence(hcl(folder), NOTHING, quote);
        assertRule(verify(evidence, chain(everyChip())), "tpm.signature");
    }

    @Test
    void refusesAnotherVmsQuote() throws AzureFormatException {
        CocoEvidence one = CocoEvidence.parse(Vectors.file("trustee-az-snp/evidence-v1.json"));
        CocoEvidence other = CocoEvidence.parse(Vectors.file("trustee-az-snp/evidence-v2.json"));
        var mixed = new AzureEvidence(one.evidence().hclReport(), NOTHING, other.evidence().tpm());
        assertRule(verify(mixed, chain(one.certificates())), "tpm.signature");
    }

    @Test
    void refusesReportsOfAChipWithoutItsCertificate() {
        var evidence = new HclVerifier(snp(List.of()), NOBODY);
        assertThat(evidence.verify(hcl("hcl-5145ba"), NOTHING, AT))
                .isInstanceOfSatisfying(
                        HclVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("snp.endorsements"));
    }

    private static AzureVerdict verdict(String file) throws AzureFormatException {
        CocoEvidence recorded = CocoEvidence.parse(Vectors.file("trustee-az-snp/" + file));
        return verify(recorded.evidence(), chain(recorded.certificates()));
    }

    private static AzureVerdict verify(AzureEvidence evidence, List<byte[]> certificates) {
        return new AzureVerifier(new HclVerifier(snp(certificates), NOBODY)).verify(evidence, AT);
    }

    static ProcessorVerifier snp(List<byte[]> certificates) {
        var verifier =
                new SnpVerifier(
                        TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP, Revocation.WHEN_GIVEN);
        return ProcessorVerifier.snp(verifier, certificates, List.of());
    }

    /** A chip's certificate with AMD's. */
    static List<byte[]> chain(List<byte[]> leaf) {
        var chain = new ArrayList<>(Vectors.milan());
        chain.addAll(leaf);
        return chain;
    }

    static List<byte[]> everyChip() throws AzureFormatException, CertificateException {
        var certificates = new ArrayList<>(pem());
        for (String file : List.of("evidence-v1.json", "evidence-v2.json")) {
            certificates.addAll(
                    CocoEvidence.parse(Vectors.file("trustee-az-snp/" + file)).certificates());
        }
        return certificates;
    }

    private static List<byte[]> pem() throws CertificateException {
        var pem = new ByteArrayInputStream(Vectors.file("trustee-az-snp/vcek.pem"));
        var certificates = new ArrayList<byte[]>();
        for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
            certificates.add(certificate.getEncoded());
        }
        return certificates;
    }

    static byte[] hcl(String folder) {
        return Vectors.file(folder + "/hcl-report.bin");
    }

    private static void assertRule(AzureVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        AzureVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
