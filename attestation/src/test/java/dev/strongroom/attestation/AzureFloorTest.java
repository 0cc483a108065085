package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.azure.HclReport;
import dev.strongroom.attestation.azure.HclReport.Isolation;
import dev.strongroom.attestation.azure.SoftwareHcl;
import dev.strongroom.attestation.tdx.SoftwarePlatform;
import dev.strongroom.attestation.tpm.SoftwareVtpm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** On Azure no policy can relax what none can relax on the processor itself. */
class AzureFloorTest {
    private static final long GUEST_POLICY = 1L << 17; // the bit that must be one
    private static final long MIGRATION_AGENT = 1L << 18;
    private static final long DEBUG = 1L << 19;
    private static final int SNP_REPORT = 0x20;
    private static final SoftwareVtpm VTPM = new SoftwareVtpm();

    @Test
    void holdsSnpToItsOwn() throws Exception {
        assertThat(snp(GUEST_POLICY, 0)).isEmpty();
        assertThat(snp(GUEST_POLICY | DEBUG, 0)).contains("snp.policy.debug");
        assertThat(snp(GUEST_POLICY | MIGRATION_AGENT, 0)).contains("snp.policy.migrate-ma");
        assertThat(snp(GUEST_POLICY, 1)).contains("snp.vmpl");
    }

    @Test
    void holdsTdxToItsOwn() throws Exception {
        assertThat(tdx(0x080, 0xe7)).isEmpty();
        assertThat(tdx(0x078, 1)).contains("tdx.attributes.debug");
        assertThat(tdx(0x07b, 0x20)).contains("tdx.attributes.migratable");
        assertThat(tdx(0x079, 1)).contains("tdx.attributes.unknown");
        assertThat(tdx(0x087, 1)).contains("tdx.xfam.unknown");
    }

    private static Optional<String> snp(long policy, int vmpl) throws Exception {
        byte[] hcl = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key()).bytes();
        ByteBuffer.wrap(hcl)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(SNP_REPORT, 2)
                .putLong(SNP_REPORT + 0x08, policy)
                .putInt(SNP_REPORT + 0x30, vmpl)
                .putInt(SNP_REPORT + 0x34, 1);
        return broken(hcl, new byte[0]);
    }

    private static Optional<String> tdx(int at, int value) throws Exception {
        var platform = new SoftwarePlatform(5);
        platform.report[at] = (byte) value;
        return broken(SoftwareHcl.of(Isolation.TDX, VTPM.key()).bytes(), platform.quote());
    }

    private static Optional<String> broken(byte[] hcl, byte[] quote) throws Exception {
        return AzureVtpmEvidence.floor(HclReport.parse(hcl), quote).stream()
                .filter(RuleOutcome::hasFailed)
                .map(RuleOutcome::rule)
                .findFirst();
    }
}
