package dev.strongroom.attestation.nvidia;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.provider.MethodSource;

/** A manifest: XML from a folder, with a signature and certificates inside. */
class ReferenceManifestFuzz {
    private static final SoftwareManifests SIGNER = new SoftwareManifests();
    private static final Map<Integer, String> ACTIVE = Map.of(1, "ab".repeat(48));

    static List<byte[]> seeds() {
        return List.of(SIGNER.manifest("1.2.3", ACTIVE));
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesItsOwnSignersManifestOnly(byte[] input) throws Exception {
        var manifest =
                Hostile.read(
                        input,
                        RimFormatException.class,
                        xml ->
                                ReferenceManifest.parse(
                                        xml, Set.of(SIGNER.rootFingerprint()), SoftwareGpu.NOW));
        manifest.ifPresent(read ->
                assertThat(read)
                        .isEqualTo(
                                new ReferenceManifest(
                                        "1.2.3", Map.of(1, Set.of("ab".repeat(48))))));
    }
}
