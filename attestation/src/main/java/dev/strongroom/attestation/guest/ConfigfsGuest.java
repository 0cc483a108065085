package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.snp.SnpFormatException;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.tdx.TdxFormatException;
import dev.strongroom.attestation.tdx.TdxQuote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Asks the kernel for an SEV-SNP report or a TDX quote over configfs-tsm
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

    private final Tsm tsm;
    private final TsmProvider provider;
    private final Path endorsements;
    private final SecureRandom random;

    ConfigfsGuest(Tsm tsm, TsmProvider provider, Path endorsements, SecureRandom random) {
        this.tsm = tsm;
        this.provider = provider;
        this.endorsements = endorsements;
        this.random = random;
    }

    @Override
    public Tee tee() {
        return provider.tee();
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
                                        + "; check that the guest driver is loaded and that"
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
            requireProvider(new String(tsm.read(name, "provider"), StandardCharsets.US_ASCII));
            byte[] report = tsm.read(name, "outblob");
            byte[] auxiliary =
                    provider == TsmProvider.SEV_GUEST ? tsm.read(name, "auxblob") : new byte[0];
            if (generation(name) != generation + 1) {
                throw new IOException("another process changed the request");
            }
            requireAsked(report, reportData);
            List<EvidenceItem> items = Endorsements.gather(auxiliary, endorsements);
            return new Evidence(provider.format(), report, items, List.of());
        } finally {
            tsm.remove(name);
        }
    }

    private void requireProvider(String answering) throws GuestException {
        if (!answering.strip().equals(provider.label())) {
            throw new GuestException(
                    "configfs-tsm: expected provider "
                            + provider.label()
                            + "; this TEE is not supported");
        }
    }

    private void requireAsked(byte[] report, byte[] reportData) throws IOException, GuestException {
        try {
            if (!Arrays.equals(reportDataOf(report), reportData)) {
                throw new IOException("the report speaks for other data than was asked for");
            }
        } catch (SnpFormatException | TdxFormatException e) {
            throw new GuestException("configfs-tsm: outblob: " + e.getMessage(), e);
        }
    }

    private byte[] reportDataOf(byte[] report) throws SnpFormatException, TdxFormatException {
        return switch (provider) {
            case SEV_GUEST -> SnpReport.parse(report).reportData();
            case TDX_GUEST -> TdxQuote.parse(report).report().reportData();
        };
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
