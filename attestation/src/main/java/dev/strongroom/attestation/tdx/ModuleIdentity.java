package dev.strongroom.attestation.tdx;

import java.util.Arrays;
import java.util.List;

/**
 * Which TDX modules Intel vouches for.
 *
 * @param id {@code TDX_} and the module's version in hex, or empty for modules without one
 * @param mrSigner expected MRSIGNERSEAM
 * @param attributes expected SEAMATTRIBUTES
 * @param attributesMask the bits that count
 * @param levels how each security version is rated; empty for modules without a version
 */
record ModuleIdentity(
        String id,
        byte[] mrSigner,
        byte[] attributes,
        byte[] attributesMask,
        List<IsvLevel> levels) {

    /** The member {@code tdxModule}. */
    static ModuleIdentity withoutVersion(JsonFields fields) throws TdxFormatException {
        return of("", fields, List.of());
    }

    static ModuleIdentity of(JsonFields fields) throws TdxFormatException {
        return of(fields.text("id"), fields, IsvLevel.list(fields));
    }

    private static ModuleIdentity of(String id, JsonFields fields, List<IsvLevel> levels)
            throws TdxFormatException {
        return new ModuleIdentity(
                id,
                fields.hex("mrsigner", TdReport.MEASUREMENT_BYTES),
                fields.hex("attributes", 8),
                fields.hex("attributesMask", 8),
                levels);
    }

    boolean isFor(int moduleVersion) {
        return id.equalsIgnoreCase("TDX_%02x".formatted(moduleVersion));
    }

    boolean isSignerOf(TdReport report) {
        return Arrays.equals(mrSigner, report.mrSignerSeam());
    }

    /** Intel's rule has no use for the mask: every attribute that says anything says debug. */
    boolean allowsAttributesOf(TdReport report) {
        return Masked.matches(report.seamAttributes(), attributes, attributesMask)
                && Arrays.equals(report.seamAttributes(), new byte[8]);
    }
}
