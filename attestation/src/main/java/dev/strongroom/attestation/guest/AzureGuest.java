package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.azure.AzureFormatException;
import dev.strongroom.attestation.azure.HclReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Asks the vTPM of an Azure confidential VM: the HCL report from its NV index, a quote by the key
 * that the report vouches for. Checked against Microsoft's documentation and with a software TPM
 * that was prepared like Azure's, not on Azure.
 *
 * <p>The chip's certificates come from the operator's folder: Azure serves them at
 * http://169.254.169.254/metadata/THIM/amd/certification, and evidence is gathered without asking
 * the network. For the same reason TDX VMs are refused: their quote is made by Azure's service at
 * http://169.254.169.254/acc/tdquote.
 *
 * <p>Thread-safe: every call opens the TPM for itself.
 */
final class AzureGuest implements Guest {
    static final int HCL_REPORT_INDEX = 0x01400001;
    static final int ATTESTATION_KEY = 0x81000003;

    private final TpmTransport.Source source;
    private final Path endorsements;
    private final Path eventLog;

    AzureGuest(TpmTransport.Source source, Path endorsements, Path eventLog) {
        this.source = source;
        this.endorsements = endorsements;
        this.eventLog = eventLog;
    }

    /** Whether this TPM has an HCL report. */
    static boolean isHere(TpmTransport.Source source) {
        try (var tpm = new TpmClient(source.open())) {
            return tpm.readNv(HCL_REPORT_INDEX, EvidenceItem.Kind.HCL_REPORT.maxBytes()).length > 0;
        } catch (IOException e) {
            return false; // no TPM, not ours to open, or no such index: not Azure's
        }
    }

    @Override
    public Tee tee() {
        return Tee.AZURE_SNP;
    }

    @Override
    public Evidence evidence(byte[] reportData) throws GuestException {
        TpmGuest.requireReportData(reportData);
        try (var tpm = new TpmClient(source.open())) {
            byte[] hcl = tpm.readNv(HCL_REPORT_INDEX, EvidenceItem.Kind.HCL_REPORT.maxBytes());
            requireSnp(hcl);
            var quoted = QuotedRegisters.of(tpm, ATTESTATION_KEY, reportData);
            List<EvidenceItem> items = quoted.items();
            items.add(new EvidenceItem(EvidenceItem.Kind.HCL_REPORT, hcl));
            items.addAll(Endorsements.gather(new byte[0], endorsements));
            TpmGuest.addEventLog(items, eventLog);
            return new Evidence(
                    Evidence.Format.AZURE_VTPM, quoted.quote().attest(), items, List.of());
        } catch (IOException e) {
            throw new GuestException("azure vtpm: " + e.getMessage(), e);
        }
    }

    private static void requireSnp(byte[] hcl) throws GuestException {
        try {
            if (HclReport.parse(hcl).isolation() != HclReport.Isolation.SEV_SNP) {
                throw new GuestException(
                        "azure vtpm: a TDX VM: its quote takes a call to Azure's service, which is"
                                + " not made; use an SEV-SNP size");
            }
        } catch (AzureFormatException e) {
            throw new GuestException("azure vtpm: " + e.getMessage(), e);
        }
    }
}
