package dev.strongroom.attestation.nvidia;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A report's measurements beside the reference values of its driver and its VBIOS. Both manifests
 * have a place for every index; the ones they stand for are active.
 *
 * @param driver the manifest of the reported driver
 * @param vbios the manifest of the reported VBIOS
 * @param mismatches indices at which an active reference is not met, or that both claim
 */
record Comparison(
        Optional<ReferenceManifest> driver,
        Optional<ReferenceManifest> vbios,
        Set<Integer> mismatches) {
    /** Not measured while the video decoder is off (nvtrust, {@code is_msr_35_valid}). */
    private static final int VIDEO_DECODER = 35;

    static Comparison of(NvidiaReport report, List<ReferenceManifest> manifests) {
        var driver = matching(manifests, report.opaque().driverVersion());
        var vbios = matching(manifests, report.opaque().vbiosVersion());
        var mismatches = new HashSet<Integer>();
        var seen = new HashSet<Integer>();
        for (Optional<ReferenceManifest> manifest : List.of(driver, vbios)) {
            manifest.ifPresent(references ->
                    references
                            .active()
                            .forEach((index, values) -> {
                                if (!seen.add(index) || !isMet(report, index, values)) {
                                    mismatches.add(index);
                                }
                            }));
        }
        return new Comparison(driver, vbios, Set.copyOf(mismatches));
    }

    Optional<String> driverVersion() {
        return driver.map(ReferenceManifest::version);
    }

    Optional<String> vbiosVersion() {
        return vbios.map(ReferenceManifest::version);
    }

    String outcome() {
        if (!mismatches.isEmpty()) {
            return "mismatch";
        }
        return driver.isPresent() && vbios.isPresent() ? "match" : "unknown";
    }

    private static Optional<ReferenceManifest> matching(
            List<ReferenceManifest> manifests, String version) {
        return manifests.stream()
                .filter(manifest -> manifest.version().equalsIgnoreCase(version))
                .findFirst();
    }

    private static boolean isMet(NvidiaReport report, int index, Set<String> values) {
        if (index == VIDEO_DECODER && report.opaque().isNvdec0Disabled()) {
            return true;
        }
        Map<Integer, byte[]> measured = report.measurements();
        return measured.containsKey(index)
                && values.contains(
                        HexFormat.of().formatHex(measured.getOrDefault(index, new byte[0])));
    }
}
