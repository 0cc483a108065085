package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.policy.PolicyDraft;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Devices beside a CPU. A document's first byte is the device's number, its second the driver (0
 * for none), the rest its nonce.
 */
class AttachedDevicesTest {
    private static final byte[] NONCE = new byte[32];

    /** A GPU that signs whatever it is asked. */
    private record Gpu() implements EvidenceKind {
        @Override
        public List<String> rules() {
            return List.of();
        }

        @Override
        public Authenticity verify(byte[] document, Items items, Instant now) {
            if (items.of(EvidenceItem.Kind.CERTIFICATE).isEmpty()) {
                return new Authenticity.Refused("nvidia.endorsements", "expected a chain");
            }
            var values = new HashMap<String, String>();
            values.put("tee", "nvidia-gpu");
            values.put("nvidia.device-id", "id" + document[0]);
            if (document[1] != 0) {
                values.put("nvidia.driver-version", "v" + document[1]);
            }
            return authentic(values, Arrays.copyOfRange(document, 2, document.length));
        }
    }

    @Test
    void addsWhatEachDeviceSaysAndWhatAllSayAlike() {
        assertThat(joined(gpu(1, 5, NONCE), gpu(2, 5, NONCE)))
                .containsEntry("tee", "sev-snp")
                .containsEntry("nvidia.devices", "2")
                .containsEntry("nvidia.0.driver-version", "v5")
                .containsEntry("nvidia.1.driver-version", "v5")
                .containsEntry("nvidia.driver-version", "v5");
    }

    @Test
    void saysMixedWhereDevicesDiffer() {
        assertThat(joined(gpu(1, 5, NONCE), gpu(2, 6, NONCE)))
                .containsEntry("nvidia.driver-version", "mixed")
                .containsEntry("nvidia.1.driver-version", "v6");
    }

    @Test
    void saysMixedWhereOneDeviceSaysNothing() {
        DeviceEvidence silent = gpu(1, 0, NONCE);
        DeviceEvidence speaks = gpu(2, 5, NONCE);
        assertThat(joined(silent, speaks)).containsEntry("nvidia.driver-version", "mixed");
        assertThat(joined(speaks, silent)).containsEntry("nvidia.driver-version", "mixed");
    }

    @Test
    void refusesADeviceThatCountsTwice() {
        assertThat(join(gpu(1, 5, NONCE), gpu(2, 5, NONCE), gpu(1, 5, NONCE)))
                .isInstanceOfSatisfying(
                        Authenticity.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("binding.device-repeated"));
    }

    /** Every device has an id of its own, so a deny list has to find each behind "mixed". */
    @ParameterizedTest
    @CsvSource({"3,true", "1,false", "2,false"})
    void holdsEachDeviceAgainstADenyList(int denied, boolean allowed) throws Exception {
        var policy =
                PolicyDraft.pinning(
                                new Claims(
                                        Tee.HARDWARE,
                                        Digest.sha256(),
                                        new byte[32],
                                        Map.of("snp.measurement", "00")))
                        .oneOf("snp.measurement", List.of("0a"))
                        .any("nvidia.devices")
                        .any("nvidia.hardware-model")
                        .any("nvidia.vbios-version")
                        .any("nvidia.feature-flag")
                        .any("nvidia.measurements")
                        .noneOf("nvidia.device-id", List.of("id" + denied))
                        .noneOf("nvidia.driver-version", List.of("v9"))
                        .policy();
        var claims = ((Authenticity.Authentic) join(gpu(1, 5, NONCE), gpu(2, 6, NONCE))).claims();
        var values = new HashMap<>(claims.values());
        values.put("snp.measurement", "0a");
        var all = new Claims(claims.tee(), claims.rootFingerprint(), claims.hostData(), values);
        assertThat(policy.judge(all, Posture.BASE).stream().noneMatch(RuleOutcome::hasFailed))
                .isEqualTo(allowed);
    }

    @Test
    void refusesADeviceThatAnswersAnotherChallenge() {
        byte[] other = NONCE.clone();
        other[31] = 1;
        assertThat(join(gpu(1, 5, NONCE), gpu(2, 5, other)))
                .isInstanceOfSatisfying(
                        Authenticity.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("binding.device-nonce"));
    }

    @Test
    void refusesWithTheDevicesOwnRule() {
        var bare = new DeviceEvidence(Evidence.Format.NVIDIA_REPORT, new byte[34], List.of());
        assertThat(join(bare))
                .isInstanceOfSatisfying(
                        Authenticity.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("nvidia.endorsements"));
    }

    private static Map<String, String> joined(DeviceEvidence... devices) {
        return ((Authenticity.Authentic) join(devices)).claims().values();
    }

    private static Authenticity join(DeviceEvidence... devices) {
        var cpu = authentic(Map.of("tee", "sev-snp"), new byte[64]);
        return new AttachedDevices(new Gpu())
                .join(
                        cpu,
                        List.of(devices),
                        Items.of(List.of(), List.of()),
                        binding -> binding.speaksFor(NONCE),
                        Instant.EPOCH);
    }

    private static DeviceEvidence gpu(int id, int driver, byte[] nonce) {
        byte[] document = new byte[2 + nonce.length];
        document[0] = (byte) id;
        document[1] = (byte) driver;
        System.arraycopy(nonce, 0, document, 2, nonce.length);
        return new DeviceEvidence(Evidence.Format.NVIDIA_REPORT, document, List.of(new byte[] {1}));
    }

    private static Authenticity.Authentic authentic(Map<String, String> values, byte[] bound) {
        var binding =
                new Authenticity.Binding() {
                    @Override
                    public boolean speaksFor(byte[] data) {
                        return Arrays.equals(data, bound);
                    }

                    @Override
                    public boolean launchedWith(Digest hostData) {
                        return true;
                    }
                };
        return new Authenticity.Authentic(
                new Claims(Tee.SEV_SNP, Digest.sha256(), new byte[32], values), binding, List.of());
    }
}
