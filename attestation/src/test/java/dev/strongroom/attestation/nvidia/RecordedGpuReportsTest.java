package dev.strongroom.attestation.nvidia;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.VendorAnchors;
import dev.strongroom.attestation.nvidia.Vectors.Vector;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What real GPUs and NVIDIA itself signed is accepted, and everything derived from it refused. */
class RecordedGpuReportsTest {
    static final Set<Digest> MANIFEST_ROOTS = Set.of(ReferenceManifest.NVIDIA_ROOT);
    static final NvidiaVerifier NVIDIA =
            new NvidiaVerifier(Set.of(VendorAnchors.NVIDIA), MANIFEST_ROOTS, Tee.NVIDIA_GPU);
    private static final List<String> MANIFESTS =
            List.of("1010_0200_882_96005E0001_PROD.swidtag", "Driver_RIM_test_no_gpu.swidtag");

    @TestFactory
    Stream<DynamicTest> acceptsWhatRealGpusSigned() {
        return Vectors.genuine()
                .map(vector ->
                        DynamicTest.dynamicTest(
                                vector.name(),
                                () ->
                                        assertThat(verify(vector))
                                                .isInstanceOf(NvidiaVerdict.Authentic.class)));
    }

    @Test
    void readsWhatTheReportsSay() {
        Map<String, String> first = claims(Vectors.genuine().toList().getFirst(), List.of());
        assertThat(first)
                .containsEntry("tee", "nvidia-gpu")
                .containsEntry("nvidia.hardware-model", "GH100 A01 GSP BROM")
                .containsEntry("nvidia.device-id", "41ffeeb20009e0be49")
                .containsEntry("nvidia.driver-version", "545.00")
                .containsEntry("nvidia.vbios-version", "96.00.5E.00.01")
                .containsEntry("nvidia.chip-sku", "882")
                .containsEntry("nvidia.project", "1010")
                .containsEntry("nvidia.project-sku", "0200")
                .containsEntry("nvidia.nvdec0", "disabled")
                .containsEntry("nvidia.measurement.0", "00".repeat(48))
                .containsEntry("nvidia.measurements", "unknown")
                .containsKeys("nvidia.measurement.63", "nvidia.firmware-id", "nvidia.opaque.14")
                .doesNotContainKeys("nvidia.rim.driver", "nvidia.measurement.64");
        assertThat(claims(Vectors.genuine().toList().getLast(), List.of()))
                .containsEntry("nvidia.driver-version", "550.90.07")
                .containsEntry("nvidia.vbios-version", "96.00.9F.00.01")
                .containsEntry("nvidia.protected-pcie", "disabled")
                .containsEntry(
                        "nvidia.firmware-id",
                        "f5c384aebb579217a2c66b17ed0f28e6a9b8d639041acd7b4721cec004f7275494ba94bb5cdfdb3055ee051762b1f75d");
    }

    @Test
    void readsTheNonceThatTheVerifierAskedWith() throws NvidiaFormatException {
        NvidiaReport report = NvidiaReport.parse(Vectors.genuine().toList().getFirst().report());
        assertThat(HexFormat.of().formatHex(report.nonce()))
                .isEqualTo("4cff7f5380ead8fad8ec2c531c110aca4302a88f603792801a8ca29ee151af2e");
    }

    @Test
    void refusesAChainWithoutTheDevicesCertificate() {
        assertRule(
                NVIDIA.verify(
                        Vectors.genuine().toList().getFirst().report(),
                        Vectors.vector("h100-gonv", "attestationReport.txt", "invalidCertChain.txt")
                                .certificates(),
                        List.of(),
                        Vectors.VERIFY_AT),
                "nvidia.endorsements");
    }

    @Test
    void refusesOneGpusReportUnderAnotherGpusCertificates() {
        List<Vector> vectors = Vectors.genuine().toList();
        assertRule(
                NVIDIA.verify(
                        vectors.getFirst().report(),
                        vectors.getLast().certificates(),
                        List.of(),
                        Vectors.VERIFY_AT),
                "nvidia.signature");
    }

    @Test
    void acceptsCertificatesInAnyOrderAndWithOthersAmongThem() {
        List<Vector> vectors = Vectors.genuine().toList();
        var certificates = new ArrayList<>(vectors.getFirst().certificates());
        certificates.addAll(vectors.getLast().certificates());
        for (List<byte[]> order : List.of(certificates, certificates.reversed())) {
            for (Vector vector : vectors) {
                assertThat(NVIDIA.verify(vector.report(), order, List.of(), Vectors.VERIFY_AT))
                        .isInstanceOf(NvidiaVerdict.Authentic.class);
            }
        }
    }

    @Test
    void pinsTheRootsThatNvidiaPublishes() {
        assertThat(Digest.sha256(Vectors.trust("nvidia_device_root.pem").getFirst()))
                .isEqualTo(VendorAnchors.NVIDIA);
        assertThat(Digest.sha256(Vectors.trust("nvidia_rim_root.pem").getFirst()))
                .isEqualTo(ReferenceManifest.NVIDIA_ROOT);
    }

    @Test
    void refusesARealGpuUnderAnotherRoot() {
        var verifier = new NvidiaVerifier(MANIFEST_ROOTS, MANIFEST_ROOTS, Tee.SIMULATED);
        Vectors.genuine()
                .forEach(vector ->
                        assertRule(
                                verifier.verify(
                                        vector.report(),
                                        vector.certificates(),
                                        List.of(),
                                        Vectors.VERIFY_AT),
                                "nvidia.chain.root"));
    }

    @Test
    void readsNvidiasManifests() throws RimFormatException {
        var vbios = manifest(MANIFESTS.getFirst(), Vectors.VERIFY_AT);
        assertThat(vbios.version()).isEqualTo("96.00.5E.00.01");
        assertThat(vbios.active()).hasSize(12);
        var driver = manifest(MANIFESTS.getLast(), Vectors.VERIFY_AT);
        assertThat(driver.version()).isEqualTo("545.00");
        assertThat(driver.active()).containsKeys(7, 21);
    }

    @Test
    void refusesAManifestWhoseSignersTimeIsOver() {
        assertThatThrownBy(
                        () -> manifest(MANIFESTS.getFirst(), Instant.parse("2026-11-22T00:00:00Z")))
                .isInstanceOf(RimFormatException.class)
                .hasMessageContaining("not valid at");
    }

    @Test
    void refusesATamperedManifest() {
        String genuine = new String(Vectors.manifest(MANIFESTS.getFirst()), StandardCharsets.UTF_8);
        for (String[] change :
                new String[][] {
                    {
                        "colloquialVersion=\"96.00.5E.00.01\"",
                        "colloquialVersion=\"96.00.5E.00.02\""
                    },
                    {"active=\"True\"", "active=\"False\""},
                    {"c3f65ef79a19c029", "c3f65ef79a19c028"},
                    {"name=\"GH100\"", "name=\"GH101\""},
                }) {
            String tampered = genuine.replaceFirst(change[0], change[1]);
            assertThat(tampered).isNotEqualTo(genuine);
            assertThatThrownBy(() ->
                            ReferenceManifest.parse(
                                    tampered.getBytes(StandardCharsets.UTF_8),
                                    MANIFEST_ROOTS,
                                    Vectors.VERIFY_AT))
                    .isInstanceOf(RimFormatException.class)
                    .hasMessageContaining("did not sign");
        }
    }

    /** The two recorded manifests are for the first report's versions, but not of its build. */
    @Test
    void comparesAReportWithManifests() {
        List<byte[]> manifests = MANIFESTS.stream().map(Vectors::manifest).toList();
        Map<String, String> first = claims(Vectors.genuine().toList().getFirst(), manifests);
        assertThat(first)
                .containsEntry("nvidia.rim.driver", "545.00")
                .containsEntry("nvidia.rim.vbios", "96.00.5E.00.01");
        assertThat(first).containsEntry("nvidia.measurements", "mismatch");
        assertThat(claims(Vectors.genuine().toList().getLast(), manifests))
                .containsEntry("nvidia.measurements", "unknown")
                .doesNotContainKeys("nvidia.rim.driver", "nvidia.rim.vbios");
    }

    @Test
    void refusesATruncatedOrLongerReport() {
        for (Vector vector : Vectors.genuine().toList()) {
            for (int length : new int[] {0, 3, 36, 100, vector.report().length - 1}) {
                assertRule(
                        NVIDIA.verify(
                                Arrays.copyOf(vector.report(), length),
                                vector.certificates(),
                                List.of(),
                                Vectors.VERIFY_AT),
                        "nvidia.format");
            }
            assertRule(
                    NVIDIA.verify(
                            Arrays.copyOf(vector.report(), vector.report().length + 1),
                            vector.certificates(),
                            List.of(),
                            Vectors.VERIFY_AT),
                    "nvidia.format");
        }
    }

    static NvidiaVerdict verify(Vector vector) {
        return NVIDIA.verify(vector.report(), vector.certificates(), List.of(), Vectors.VERIFY_AT);
    }

    private static Map<String, String> claims(Vector vector, List<byte[]> manifests) {
        NvidiaVerdict verdict =
                NVIDIA.verify(vector.report(), vector.certificates(), manifests, Vectors.VERIFY_AT);
        assertThat(verdict).isInstanceOf(NvidiaVerdict.Authentic.class);
        return ((NvidiaVerdict.Authentic) verdict).claims().values();
    }

    private static ReferenceManifest manifest(String file, Instant now) throws RimFormatException {
        return ReferenceManifest.parse(Vectors.manifest(file), MANIFEST_ROOTS, now);
    }

    static void assertRule(NvidiaVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        NvidiaVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
