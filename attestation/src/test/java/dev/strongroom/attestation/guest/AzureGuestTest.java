package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem.Kind;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.azure.AzureEvidence;
import dev.strongroom.attestation.azure.AzureVerdict;
import dev.strongroom.attestation.azure.AzureVerifier;
import dev.strongroom.attestation.azure.HclReport.Isolation;
import dev.strongroom.attestation.azure.HclVerifier;
import dev.strongroom.attestation.azure.ProcessorVerdict;
import dev.strongroom.attestation.azure.SoftwareHcl;
import dev.strongroom.attestation.tpm.TpmEvidence;
import dev.strongroom.attestation.tpm.TpmPublic;
import java.io.IOException;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real TPM, prepared as Azure prepares its own; skipped where swtpm is not installed. */
class AzureGuestTest {
    private static final int CC_EVICT_CONTROL = 0x120;
    private static final int CC_NV_DEFINE_SPACE = 0x12A;
    private static final int CC_NV_WRITE = 0x137;
    private static final int TPM_ALG_SHA256 = 0x000B;

    /** TPMA_NV: owner may write and read, no dictionary attack protection. */
    private static final int OWNER_WRITES_AND_READS = 1 << 1 | 1 << 17 | 1 << 25;

    private static final int CHUNK_BYTES = 512;

    @TempDir Path folder;

    private final byte[] reportData = new byte[64];
    private Swtpm swtpm;

    @BeforeEach
    void start() throws Exception {
        Arrays.fill(reportData, (byte) 5);
        swtpm = Swtpm.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        if (swtpm != null) {
            swtpm.stop();
        }
    }

    @Test
    void readsTheHclReportAndQuotesByItsKey() throws Exception {
        RSAPublicKey key = persistAttestationKey();
        var hcl = SoftwareHcl.of(Isolation.SEV_SNP, key);
        writeIndex(hcl.bytes());

        assertThat(AzureGuest.isHere(swtpm::open)).isTrue();
        Evidence evidence = guest().evidence(reportData);

        assertThat(evidence.items(Kind.HCL_REPORT)).containsExactly(hcl.bytes());
        assertThat(verify(evidence, hcl.reportData()))
                .isInstanceOfSatisfying(
                        AzureVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.quote().speaksFor(reportData)).isTrue();
                            assertThat(authentic.claims().values())
                                    .containsEntry("tpm.pcr.sha256.0", "00".repeat(32));
                        });
    }

    @Test
    void refusesTdxWhoseQuoteTakesACallToAzure() throws Exception {
        writeIndex(SoftwareHcl.of(Isolation.TDX, persistAttestationKey()).bytes());
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("TDX");
    }

    @Test
    void saysThatTheIndexHoldsNoReport() throws Exception {
        writeIndex(new byte[SoftwareHcl.NV_BYTES]);
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("HCL report");
    }

    private Guest guest() {
        return new AzureGuest(swtpm::open, folder.resolve("none"), folder.resolve("no-log"));
    }

    private RSAPublicKey persistAttestationKey() throws Exception {
        try (TpmClient tpm = swtpm.client()) {
            var key = tpm.createPrimary(TpmClient.TPM_RH_OWNER, AkTemplate.RSA.bytes());
            tpm.run(
                    "EvictControl",
                    TpmCommand.authorized(CC_EVICT_CONTROL, TpmClient.TPM_RH_OWNER, key.handle())
                            .u32(AzureGuest.ATTESTATION_KEY));
            tpm.flush(key.handle());
            return (RSAPublicKey) TpmPublic.parse(key.publicArea()).key();
        }
    }

    private void writeIndex(byte[] content) throws IOException {
        int index = AzureGuest.HCL_REPORT_INDEX;
        try (TpmClient tpm = swtpm.client()) {
            tpm.run(
                    "NV_DefineSpace",
                    TpmCommand.authorized(CC_NV_DEFINE_SPACE, TpmClient.TPM_RH_OWNER)
                            .sized()
                            .u16(14)
                            .u32(index)
                            .u16(TPM_ALG_SHA256)
                            .u32(OWNER_WRITES_AND_READS)
                            .sized()
                            .u16(content.length));
            for (int at = 0; at < content.length; at += CHUNK_BYTES) {
                int end = Math.min(at + CHUNK_BYTES, content.length);
                tpm.run(
                        "NV_Write",
                        TpmCommand.authorized(CC_NV_WRITE, TpmClient.TPM_RH_OWNER, index)
                                .sized(Arrays.copyOfRange(content, at, end))
                                .u16(at));
            }
        }
    }

    private static AzureVerdict verify(Evidence evidence, byte[] signedReportData) {
        var processor =
                new ProcessorVerdict.Authentic(
                        signedReportData,
                        new Claims(
                                Tee.SEV_SNP, Digest.sha256(new byte[0]), new byte[32], Map.of()));
        var hcl =
                new HclVerifier(
                        (report, now) -> processor,
                        (quote, now) -> new ProcessorVerdict.Refused("tdx.format", "none"));
        return new AzureVerifier(hcl)
                .verify(
                        new AzureEvidence(
                                evidence.items(Kind.HCL_REPORT).getFirst(),
                                new byte[0],
                                new TpmEvidence(
                                        evidence.document(),
                                        evidence.items(Kind.TPM_SIGNATURE).getFirst(),
                                        new byte[0],
                                        evidence.items(Kind.PCR_VALUES).getFirst(),
                                        new byte[0])),
                        Instant.now());
    }
}
