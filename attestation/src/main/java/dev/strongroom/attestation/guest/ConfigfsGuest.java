package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.snp.SnpFormatException;
import dev.strongroom.attestation.snp.SnpReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Asks the kernel for an SEV-SNP report over configfs-tsm
 * (Documentation/ABI/testing/configfs-tsm-report).
 *
 * <p>Anybody may write to a request folder, so the kernel counts writes in {@code generation}. What
 * was read is ours only if the count did not move in between; otherwise the whole request is made
 * again under another name.
 *
 * <p>Thread-safe: every call uses a folder of its own.
 */
final class ConfigfsGuest implements Guest {
    private static final int ATTEMPTS = 3;
    private static final String PROVIDER = "sev_guest";

    private final Tsm tsm;
    private final Path endorsements;
    private final SecureRandom random;

    ConfigfsGuest(Tsm tsm, Path endorsements, SecureRandom random) {
        this.tsm = tsm;
        this.endorsements = endorsements;
        this.random = random;
    }

    @Override
    public Tee tee() {
        return Tee.SEV_SNP;
    }

    @Override
    public Evidence evidence(byte[] reportData) throws GuestException {
        if (reportData.length != REPORT_DATA_BYTES) {
            throw new IllegalArgumentException(
                    "report data: expected 64 bytes, got " + reportData.length);
        }
        GuestException last = new GuestException("configfs-tsm: no attempt was made");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                return request(reportData.clone());
            } catch (IOException e) {
                last =
                        new GuestException(
                                "configfs-tsm: "
                                        + e.getMessage()
                                        + "; check that the sev-guest module is loaded and that"
                                        + " this user may write to "
                                        + KernelTsm.ROOT,
                                e);
            }
        }
        throw last;
    }

    private Evidence request(byte[] reportData) throws IOException, GuestException {
        String name = "strongroom-" + HexFormat.of().formatHex(randomBytes());
        tsm.mkdir(name);
        try {
            long generation = generation(name);
            tsm.write(name, "inblob", reportData);
            byte[] report = tsm.read(name, "outblob");
            byte[] auxiliary = tsm.read(name, "auxblob");
            String provider = new String(tsm.read(name, "provider"), StandardCharsets.US_ASCII);
            if (generation(name) != generation + 1) {
                throw new IOException("another process changed the request");
            }
            requireOurs(provider.strip(), report, reportData);
            List<EvidenceItem> items = Endorsements.gather(auxiliary, endorsements);
            return new Evidence(Evidence.Format.SNP_REPORT, report, items, List.of());
        } finally {
            tsm.remove(name);
        }
    }

    private static void requireOurs(String provider, byte[] report, byte[] reportData)
            throws IOException, GuestException {
        if (!provider.equals(PROVIDER)) {
            throw new GuestException(
                    "configfs-tsm: expected provider " + PROVIDER + "; this TEE is not supported");
        }
        try {
            if (!Arrays.equals(SnpReport.parse(report).reportData(), reportData)) {
                throw new IOException("the report speaks for other data than was asked for");
            }
        } catch (SnpFormatException e) {
            throw new GuestException("configfs-tsm: outblob: " + e.getMessage(), e);
        }
    }

    private long generation(String name) throws IOException {
        String text = new String(tsm.read(name, "generation"), StandardCharsets.US_ASCII).strip();
        if (!text.matches("[0-9]{1,18}")) {
            throw new IOException("generation: expected a number");
        }
        return Long.parseLong(text);
    }

    private byte[] randomBytes() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return bytes;
    }
}
