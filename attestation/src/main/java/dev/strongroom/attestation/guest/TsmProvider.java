package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Tee;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel drivers that answer over configfs-tsm. */
enum TsmProvider {
    /** Beside the report, the host may give certificates as {@code auxblob}. */
    SEV_GUEST("sev_guest", Tee.SEV_SNP, Evidence.Format.SNP_REPORT),
    /** The quote has its certificates inside. */
    TDX_GUEST("tdx_guest", Tee.TDX, Evidence.Format.TDX_QUOTE);

    private static final Path TDX_DEVICE = Path.of("/dev/tdx_guest");

    private final String label;
    private final Tee tee;
    private final Evidence.Format format;

    TsmProvider(String label, Tee tee, Evidence.Format format) {
        this.label = label;
        this.tee = tee;
        this.format = format;
    }

    /** The one of this machine, by the device that its driver makes. */
    static TsmProvider here() {
        return Files.exists(TDX_DEVICE) ? TDX_GUEST : SEV_GUEST;
    }

    /** What the attribute {@code provider} reads. */
    String label() {
        return label;
    }

    Tee tee() {
        return tee;
    }

    Evidence.Format format() {
        return format;
    }
}
