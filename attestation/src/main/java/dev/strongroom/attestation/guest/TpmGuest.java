package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Has a TPM 2.0 quote all registers of its SHA-256 bank with an attestation key that it makes for
 * the purpose, the same one each time, in its endorsement hierarchy. A TPM isolates nothing, so
 * {@link Guests} never takes one for a confidential guest.
 *
 * <p>Thread-safe: every call opens the TPM for itself.
 */
final class TpmGuest implements Guest {
    static final Path EVENT_LOG = Path.of("/sys/kernel/security/tpm0/binary_bios_measurements");

    private final TpmTransport.Source source;
    private final AkTemplate template;
    private final Path eventLog;

    /**
     * @param eventLog the firmware's log; left out of evidence where it cannot be read
     */
    TpmGuest(TpmTransport.Source source, AkTemplate template, Path eventLog) {
        this.source = source;
        this.template = template;
        this.eventLog = eventLog;
    }

    @Override
    public Tee tee() {
        return Tee.TPM;
    }

    @Override
    public Evidence evidence(byte[] reportData) throws GuestException {
        requireReportData(reportData);
        try (var tpm = new TpmClient(source.open())) {
            var key = tpm.createPrimary(TpmClient.TPM_RH_ENDORSEMENT, template.bytes());
            try {
                var quoted = QuotedRegisters.of(tpm, key.handle(), reportData);
                List<EvidenceItem> items = quoted.items();
                items.add(new EvidenceItem(EvidenceItem.Kind.ATTESTATION_KEY, key.publicArea()));
                addEventLog(items, eventLog);
                return new Evidence(
                        Evidence.Format.TPM_QUOTE, quoted.quote().attest(), items, List.of());
            } finally {
                tpm.flush(key.handle());
            }
        } catch (IOException e) {
            throw new GuestException("tpm: " + e.getMessage(), e);
        }
    }

    static void requireReportData(byte[] reportData) {
        if (reportData.length != REPORT_DATA_BYTES) {
            throw new IllegalArgumentException(
                    "report data: expected 64 bytes, got " + reportData.length);
        }
    }

    /** Sizes say nothing in securityfs, and only root may read there. */
    static void addEventLog(List<EvidenceItem> items, Path eventLog) throws IOException {
        if (Files.isReadable(eventLog)) {
            int max = EvidenceItem.Kind.EVENT_LOG.maxBytes();
            try (var in = Files.newInputStream(eventLog)) {
                byte[] log = in.readNBytes(max + 1);
                if (log.length <= max) {
                    items.add(new EvidenceItem(EvidenceItem.Kind.EVENT_LOG, log));
                }
            }
        }
    }
}
