package dev.strongroom.attestation.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.azure.HclReport.Isolation;
import dev.strongroom.attestation.tpm.SoftwareVtpm;
import dev.strongroom.attestation.tpm.TpmEvidence;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule fails alone: all else about the evidence is genuine. */
class AzureVerifierTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SoftwareVtpm VTPM = new SoftwareVtpm();
    private static final SoftwareVtpm OTHER = new SoftwareVtpm();
    private static final byte[] NONCE = {7, 7};
    private static final byte[] NOTHING = {};

    /** Stands for the processors' own verifiers: it believes any report data that it is given. */
    private static ProcessorVerifier believing(byte[] reportData, Tee tee) {
        return (document, now) ->
                new ProcessorVerdict.Authentic(
                        reportData,
                        new Claims(
                                tee,
                                Digest.sha256(NOTHING),
                                new byte[32],
                                Map.of("tee", tee.label(), "snp.vmpl", "0")));
    }

    private static final ProcessorVerifier NOBODY =
            (document, now) -> new ProcessorVerdict.Refused("snp.signature", "nobody signed");

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void acceptsAQuoteUnderTheProcessorsWord(Isolation processor) {
        assertThat(verify(SoftwareHcl.of(processor, VTPM.key())))
                .isInstanceOfSatisfying(
                        AzureVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.quote().speaksFor(NONCE)).isTrue();
                            assertThat(authentic.quote().speaksFor(NOTHING)).isFalse();
                            assertThat(authentic.claims().tee())
                                    .isEqualTo(
                                            processor == Isolation.TDX
                                                    ? Tee.AZURE_TDX
                                                    : Tee.AZURE_SNP);
                            assertThat(authentic.claims().values())
                                    .containsEntry("tee", authentic.claims().tee().label())
                                    .containsEntry("snp.vmpl", "0")
                                    .containsEntry("tpm.ak.trust", "vouched")
                                    .containsEntry("tpm.pcr.sha256.7", "07".repeat(32))
                                    .containsEntry("azure.config.secure-boot", "false")
                                    .containsEntry("azure.config.vm-unique-id", "7DF7B373")
                                    .containsEntry("azure.user-data", "ab00");
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void acceptsEveryHash(int hashType) {
        assertThat(verify(SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key()).withHashType(hashType)))
                .isInstanceOf(AzureVerdict.Authentic.class);
    }

    @Test
    void staysSimulatedUnderASimulatedProcessor() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        var verifier =
                new AzureVerifier(
                        new HclVerifier(believing(hcl.reportData(), Tee.SIMULATED), NOBODY));
        assertThat(verifier.verify(evidence(hcl.bytes(), NOTHING), NOW))
                .isInstanceOfSatisfying(
                        AzureVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.claims().tee()).isEqualTo(Tee.SIMULATED);
                            assertThat(authentic.claims().values())
                                    .containsEntry("tee", "simulated");
                        });
    }

    @Test
    void passesOnWhatTheProcessorsVerifierRefuses() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        assertRule(
                new AzureVerifier(new HclVerifier(NOBODY, NOBODY))
                        .verify(evidence(hcl.bytes(), NOTHING), NOW),
                "snp.signature");
    }

    @Test
    void refusesRuntimeDataThatTheProcessorDoesNotVouchFor() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        SoftwareHcl swapped = hcl.withJson(SoftwareHcl.json(OTHER.key()));
        assertRule(
                verify(swapped.bytes(hcl.reportData()), hcl.reportData(), NOTHING),
                "azure.runtime-data");
    }

    @Test
    void refusesReportDataWithMoreThanTheHash() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        byte[] more = hcl.reportData();
        more[63] = 1;
        assertRule(verify(hcl.bytes(more), more, NOTHING), "azure.runtime-data");
    }

    @Test
    void refusesATdReportOtherThanTheOneQuoted() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.TDX, VTPM.key());
        assertRule(
                verify(hcl.bytes(new byte[64]), hcl.reportData(), new byte[1]),
                "azure.runtime-data");
    }

    @Test
    void refusesTdxWithoutAQuoteAndSnpWithOne() {
        SoftwareHcl tdx = SoftwareHcl.of(Isolation.TDX, VTPM.key());
        assertRule(verify(tdx.bytes(), tdx.reportData(), NOTHING), "azure.td-quote");
        SoftwareHcl snp = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        assertRule(verify(snp.bytes(), snp.reportData(), new byte[1]), "azure.td-quote");
    }

    @Test
    void refusesAQuoteByAnotherKey() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, OTHER.key());
        assertRule(verify(hcl), "tpm.signature");
    }

    @Test
    void refusesOtherRegisterValues() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        TpmEvidence genuine = VTPM.evidence(NONCE);
        byte[] values = genuine.registers().clone();
        values[0] ^= 1;
        var tpm = new TpmEvidence(genuine.quote(), genuine.signature(), NOTHING, values, NOTHING);
        assertRule(
                verifier(hcl.reportData())
                        .verify(new AzureEvidence(hcl.bytes(), NOTHING, tpm), NOW),
                "tpm.pcr.digest");
    }

    @Test
    void refusesMalformedRuntimeData() {
        String key = SoftwareHcl.jwk("HCLAkPub", "sign", VTPM.key());
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());
        for (String json :
                List.of(
                        "",
                        "[]",
                        "{}",
                        "{\"keys\":[]}",
                        "{\"keys\":[" + key + "," + key + "]}",
                        "{\"keys\":[" + key.replace("RSA", "EC") + "]}",
                        "{\"keys\":[" + key.replace("[\"sign\"]", "[\"encrypt\"]") + "]}",
                        "{\"keys\":[" + key.replace("\"e\":\"", "\"e\":\"!") + "]}",
                        "{\"keys\":[" + key.replace("\"n\":", "\"m\":") + "]}",
                        "{\"keys\":[" + key + "],\"keys\":[" + key + "]}",
                        "{\"keys\":[" + key + "]} x")) {
            assertRule(verify(hcl.withJson(json)), "azure.format");
        }
    }

    @Test
    void refusesEveryTruncationAndByteThatNothingSigns() {
        SoftwareHcl hcl = SoftwareHcl.of(Isolation.TDX, VTPM.key());
        byte[] bytes = hcl.bytes();
        int end = 0x4D4 + hcl.json().length();
        for (int length = 0; length < end; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> HclReport.parse(cut)).isInstanceOf(AzureFormatException.class);
        }
        for (int at :
                new int[] {
                    0x00,
                    0x08,
                    0x0C,
                    0x10,
                    0x14,
                    0x1F,
                    0x420,
                    0x4BF,
                    0x4C0,
                    0x4C4,
                    0x4D0,
                    end,
                    bytes.length - 1
                }) {
            byte[] changed = bytes.clone();
            changed[at] ^= 0x40;
            assertThatThrownBy(() -> HclReport.parse(changed))
                    .as("byte 0x%x", at)
                    .isInstanceOf(AzureFormatException.class);
        }
        assertThatThrownBy(() -> HclReport.parse(new byte[64 * 1024]))
                .isInstanceOf(AzureFormatException.class);
    }

    private static AzureVerdict verify(SoftwareHcl hcl) {
        return verify(
                hcl.bytes(),
                hcl.reportData(),
                hcl.processor() == Isolation.TDX ? new byte[1] : NOTHING);
    }

    private static AzureVerdict verify(byte[] hcl, byte[] signed, byte[] tdQuote) {
        return verifier(signed).verify(evidence(hcl, tdQuote), NOW);
    }

    private static AzureVerifier verifier(byte[] signed) {
        return new AzureVerifier(
                new HclVerifier(believing(signed, Tee.SEV_SNP), believing(signed, Tee.TDX)));
    }

    private static AzureEvidence evidence(byte[] hcl, byte[] tdQuote) {
        return new AzureEvidence(hcl, tdQuote, VTPM.evidence(NONCE));
    }

    private static void assertRule(AzureVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        AzureVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
