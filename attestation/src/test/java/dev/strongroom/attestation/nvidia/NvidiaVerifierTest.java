package dev.strongroom.attestation.nvidia;

import static dev.strongroom.attestation.nvidia.SoftwareGpu.NOW;
import static dev.strongroom.attestation.nvidia.SoftwareGpu.concat;
import static dev.strongroom.attestation.nvidia.SoftwareGpu.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.nvidia.SoftwareGpu.Message;
import dev.strongroom.attestation.p384.SoftwareAuthority;
import dev.strongroom.attestation.p384.SoftwareAuthority.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/** Each rule fails alone, on reports signed under a root of this run. */
class NvidiaVerifierTest {
    private static final SoftwareGpu GPU = SoftwareGpu.create();
    private static final SoftwareManifests MANIFESTS = new SoftwareManifests();
    private static final Profile AUTHORITY = Profile.authority(NOW, Profile.UNBOUNDED);
    private static final Profile LEAF = SoftwareGpu.leafProfile();

    @Test
    void acceptsAReportAndNamesItsClaims() {
        var verdict = verify(GPU, GPU.sign(new Message()));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        NvidiaVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.report().nonce()).isEqualTo(filled(32, 0x42));
                            assertThat(authentic.claims().hostData()).isEmpty();
                            assertThat(authentic.claims().rootFingerprint())
                                    .isEqualTo(GPU.rootFingerprint());
                        });
        assertThat(claims(new Message()))
                .containsEntry("tee", "simulated")
                .containsEntry("nvidia.hardware-model", "GH000 A01 GSP BROM")
                .containsEntry("nvidia.firmware-id", "77".repeat(48))
                .containsEntry("nvidia.driver-version", "550.00")
                .containsEntry("nvidia.vbios-version", "96.00.5E.00.01")
                .containsEntry("nvidia.nvdec0", "disabled")
                .containsEntry("nvidia.measurement.0", "01".repeat(48))
                .containsEntry("nvidia.measurement.2", "03".repeat(48))
                .containsEntry("nvidia.measurements", "unknown")
                .containsKey("nvidia.device-id")
                .hasSize(11);
    }

    @Test
    void keepsFieldsThatItDoesNotKnowByTheirNumber() {
        assertThat(
                        claims(
                                new Message()
                                        .field(99, filled(2, 0xab))
                                        .field(11, filled(1, 0))
                                        .field(15, filled(3, 0))
                                        .field(6, filled(7, 1))
                                        .field(36, filled(1, 9))))
                .containsEntry("nvidia.opaque.99", "abab")
                .containsEntry("nvidia.opaque.11", "00")
                .containsEntry("nvidia.opaque.15", "000000")
                .containsEntry("nvidia.opaque.6", "01".repeat(7))
                .containsEntry("nvidia.opaque.36", "09")
                .doesNotContainKeys(
                        "nvidia.nvdec0",
                        "nvidia.chip-sku",
                        "nvidia.vbios-version",
                        "nvidia.feature-flag");
    }

    @Test
    void namesTheModesOfSeveralGpus() {
        for (var flag : Map.of(0, "spt", 1, "mpt", 2, "ppcie").entrySet()) {
            assertThat(claims(new Message().field(36, filled(1, flag.getKey()))))
                    .containsEntry("nvidia.feature-flag", flag.getValue());
        }
        assertThat(claims(new Message().field(21, filled(1, 0xaa)).field(11, filled(1, 0xaa))))
                .containsEntry("nvidia.protected-pcie", "enabled")
                .containsEntry("nvidia.nvdec0", "enabled");
    }

    @Test
    void refusesARequestThatIsNotForEverythingSigned() {
        assertFormat(m -> m.requestStart = new byte[] {0x10, (byte) 0xe0, 1, (byte) 0xff});
        assertFormat(m -> m.requestStart = new byte[] {0x12, (byte) 0xe0, 1, (byte) 0xff});
        assertFormat(m -> m.requestStart = new byte[] {0x11, (byte) 0xe1, 1, (byte) 0xff});
        assertFormat(m -> m.requestStart = new byte[] {0x11, (byte) 0xe0, 0, (byte) 0xff});
        assertFormat(m -> m.requestStart = new byte[] {0x11, (byte) 0xe0, 1, 1});
        assertFormat(m -> m.responseStart = new byte[] {0x12, 0x60, 0, 0});
        assertFormat(m -> m.responseStart = new byte[] {0x11, 0x7f, 0, 0});
    }

    @Test
    void refusesMeasurementsThatDoNotFillTheirRecord() {
        assertFormat(m -> m.blocks = 0);
        assertFormat(m -> m.blocks = 2);
        assertFormat(m -> m.blocks = 4);
        assertFormat(m -> m.recordBytes = 0);
        assertFormat(m -> m.recordBytes = m.record.size() - 1);
        assertFormat(m -> m.recordBytes = m.record.size() + 1);
        assertFormat(m -> m.recordBytes = 0xffffff);
        assertFormat(m -> {
            m.block(4, 2, filled(48, 4));
            m.blocks = 4;
        });
        assertFormat(m -> {
            m.block(3, 1, filled(48, 4));
            m.blocks = 4;
        });
        assertFormat(m -> {
            m.block(0, 1, filled(48, 4));
            m.blocks = 4;
        });
        assertFormat(m -> {
            m.block(255, 1, filled(48, 4));
            m.blocks = 4;
        });
        assertFormat(m -> {
            m.block(4, 1, new byte[0]);
            m.blocks = 4;
        });
        assertFormat(m -> {
            m.record.writeBytes(HexFormat.of().parseHex("04010400" + "010100" + "0000"));
            m.blocks = 4;
        });
        assertFormat(m -> {
            m.record.writeBytes(HexFormat.of().parseHex("04010500" + "010100" + "0000"));
            m.blocks = 4;
        });
    }

    @Test
    void refusesOpaqueDataThatDoesNotFillItsPlace() {
        assertFormat(m -> m.opaqueBytes = 0);
        assertFormat(m -> m.opaqueBytes = 0xffff);
        assertFormat(m -> m.behindFields = new byte[1]);
        assertFormat(m -> m.behindFields = new byte[] {1, 0, 1, 0});
        assertFormat(m -> m.behindFields = SoftwareGpu.opaqueField(3, new byte[1]));
    }

    @Test
    void refusesBytesMissingOrBehind() {
        byte[] report = GPU.sign(new Message());
        for (int length = 0; length < report.length; length += 7) {
            assertRule(verify(GPU, Arrays.copyOf(report, length)), "nvidia.format");
        }
        assertRule(verify(GPU, Arrays.copyOf(report, report.length + 1)), "nvidia.format");
        assertRule(verify(GPU, new byte[64 * 1024 + 1]), "nvidia.format");
    }

    @Test
    void refusesAnotherKeysSignature() {
        var other = SoftwareGpu.create();
        assertRule(verify(GPU, other.sign(new Message())), "nvidia.signature");
        assertRule(verify(GPU, concat(new Message().bytes(), filled(96, 0))), "nvidia.signature");
    }

    @Test
    void refusesAnIncompleteChain() {
        byte[] report = GPU.sign(new Message());
        List<byte[]> all = GPU.certificates();
        assertRule(verify(report, List.of()), "nvidia.endorsements");
        assertRule(verify(report, all.subList(1, 3)), "nvidia.endorsements");
        assertRule(verify(report, all.subList(0, 2)), "nvidia.endorsements");
        assertRule(verify(report, List.of(all.get(0), all.get(2))), "nvidia.endorsements");
        assertThat(verify(report, all.reversed())).isInstanceOf(NvidiaVerdict.Authentic.class);
    }

    @Test
    void passesOverCertificatesThatAreNotOfTheChain() {
        var certificates = new ArrayList<>(GPU.certificates());
        certificates.addFirst(SoftwareGpu.create().leaf().certificate());
        certificates.addFirst(
                SoftwareAuthority.root("other", AUTHORITY.on("secp256r1")).certificate());
        certificates.addFirst(new byte[5]);
        assertThat(verify(GPU.sign(new Message()), certificates))
                .isInstanceOf(NvidiaVerdict.Authentic.class);
        assertRule(
                verify(GPU.sign(new Message()), List.of(new byte[5])), "nvidia.chain.certificate");
    }

    @Test
    void refusesARootThatIsNotPinned() {
        var other = SoftwareGpu.create();
        assertRule(
                verifier(GPU)
                        .verify(other.sign(new Message()), other.certificates(), List.of(), NOW),
                "nvidia.chain.root");
    }

    @Test
    void refusesCertificatesThatDoNotHold() {
        var ended = AUTHORITY.valid(NOW.minusSeconds(100), Duration.ofSeconds(99));
        assertChain(SoftwareGpu.of(ended, AUTHORITY, LEAF), "nvidia.chain.validity");
        assertChain(SoftwareGpu.of(AUTHORITY, ended, LEAF), "nvidia.chain.validity");
        assertChain(
                SoftwareGpu.of(
                        AUTHORITY, AUTHORITY, LEAF.valid(NOW.plusSeconds(1), Duration.ofHours(1))),
                "nvidia.chain.validity");
        assertChain(
                SoftwareGpu.of(AUTHORITY, AUTHORITY.using(KeyUsage.cRLSign), LEAF),
                "nvidia.chain.usage");
        assertChain(
                SoftwareGpu.of(AUTHORITY, AUTHORITY, LEAF.using(KeyUsage.keyAgreement)),
                "nvidia.chain.usage");
        assertChain(
                SoftwareGpu.of(
                        AUTHORITY,
                        AUTHORITY.with("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0}),
                        LEAF),
                "nvidia.chain.path");
    }

    @Test
    void refusesAnAuthorityOfTheSameNameWithAnotherKey() {
        var other = SoftwareGpu.create();
        List<byte[]> certificates =
                List.of(
                        GPU.certificates().get(0),
                        other.certificates().get(1),
                        other.certificates().get(2));
        assertRule(
                verifier(other).verify(GPU.sign(new Message()), certificates, List.of(), NOW),
                "nvidia.chain.path");
    }

    @Test
    void refusesALeafOfOtherFirmware() {
        assertRule(
                verify(GPU, GPU.sign(new Message().field(20, filled(48, 0x78)))),
                "nvidia.leaf.firmware-id");
        assertRule(
                verify(GPU, GPU.sign(new Message().field(20, filled(32, 0x77)))),
                "nvidia.leaf.firmware-id");
        var silent = SoftwareGpu.of(AUTHORITY, AUTHORITY, Profile.leaf(NOW));
        assertRule(verify(silent, silent.sign(new Message())), "nvidia.leaf.firmware-id");
        var older = new Message();
        older.fields.remove(20);
        assertThat(verify(silent, silent.sign(older))).isInstanceOf(NvidiaVerdict.Authentic.class);
    }

    @Test
    void comparesMeasurementsWithBothManifests() {
        byte[] driver = MANIFESTS.manifest("550.00", Map.of(0, "01".repeat(48)));
        byte[] vbios = MANIFESTS.manifest("96.00.5e.00.01", Map.of(1, "02".repeat(48)));
        byte[] wrong = MANIFESTS.manifest("96.00.5e.00.01", Map.of(1, "03".repeat(48)));
        byte[] beyond = MANIFESTS.manifest("96.00.5e.00.01", Map.of(9, "03".repeat(48)));
        byte[] overlapping = MANIFESTS.manifest("96.00.5e.00.01", Map.of(0, "01".repeat(48)));
        byte[] decoder = MANIFESTS.manifest("96.00.5e.00.01", Map.of(35, "03".repeat(48)));
        byte[] other = MANIFESTS.manifest("551.00", Map.of(0, "09".repeat(48)));

        assertThat(outcome(driver, vbios)).isEqualTo("match");
        assertThat(outcome(other, vbios, driver)).isEqualTo("match");
        assertThat(outcome(driver, decoder)).isEqualTo("match");
        assertThat(outcome(driver, wrong)).isEqualTo("mismatch");
        assertThat(outcome(driver, beyond)).isEqualTo("mismatch");
        assertThat(outcome(driver, overlapping)).isEqualTo("mismatch");
        assertThat(outcome(wrong)).isEqualTo("mismatch");
        assertThat(outcome(driver)).isEqualTo("unknown");
        assertThat(outcome(vbios)).isEqualTo("unknown");
        assertThat(outcome(other, vbios)).isEqualTo("unknown");
        assertThat(outcome(new byte[0], driver)).isEqualTo("unknown");
    }

    @Test
    void comparesTheVideoDecoderWhileItIsOn() {
        byte[] driver = MANIFESTS.manifest("550.00", Map.of(0, "01".repeat(48)));
        byte[] decoder = MANIFESTS.manifest("96.00.5e.00.01", Map.of(35, "03".repeat(48)));
        var message = new Message().field(11, filled(1, 0xaa));
        assertThat(claims(message, driver, decoder))
                .containsEntry("nvidia.measurements", "mismatch");
    }

    private static String outcome(byte[]... manifests) {
        return String.valueOf(claims(new Message(), manifests).get("nvidia.measurements"));
    }

    private static Map<String, String> claims(Message message, byte[]... manifests) {
        NvidiaVerdict verdict =
                verifier(GPU)
                        .verify(GPU.sign(message), GPU.certificates(), List.of(manifests), NOW);
        assertThat(verdict).isInstanceOf(NvidiaVerdict.Authentic.class);
        return ((NvidiaVerdict.Authentic) verdict).claims().values();
    }

    private static void assertFormat(Consumer<Message> change) {
        var message = new Message();
        change.accept(message);
        assertRule(verify(GPU, GPU.sign(message)), "nvidia.format");
    }

    private static void assertChain(SoftwareGpu gpu, String rule) {
        assertRule(verify(gpu, gpu.sign(new Message())), rule);
    }

    private static void assertRule(NvidiaVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        NvidiaVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
        assertThat(NvidiaVerifier.RULES).contains(rule);
    }

    private static NvidiaVerdict verify(byte[] report, List<byte[]> certificates) {
        return verifier(GPU).verify(report, certificates, List.of(), NOW);
    }

    private static NvidiaVerdict verify(SoftwareGpu gpu, byte[] report) {
        return verifier(gpu).verify(report, gpu.certificates(), List.of(), NOW);
    }

    private static NvidiaVerifier verifier(SoftwareGpu gpu) {
        return new NvidiaVerifier(
                Set.of(gpu.rootFingerprint()), Set.of(MANIFESTS.rootFingerprint()), Tee.SIMULATED);
    }
}
