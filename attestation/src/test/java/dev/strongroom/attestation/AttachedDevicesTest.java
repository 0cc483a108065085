package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Devices beside a CPU. The first byte of a document is the device's driver, the rest its nonce.
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
            return authentic(
                    Map.of("tee", "nvidia-gpu", "nvidia.driver-version", "v" + document[0]),
                    Arrays.copyOfRange(document, 1, document.length));
        }
    }

    @Test
    void addsWhatEachDeviceSaysAndWhatAllSayAlike() {
        assertThat(joined(gpu(5, NONCE), gpu(5, NONCE)))
                .containsEntry("tee", "sev-snp")
                .containsEntry("nvidia.devices", "2")
                .containsEntry("nvidia.0.driver-version", "v5")
                .containsEntry("nvidia.1.driver-version", "v5")
                .containsEntry("nvidia.driver-version", "v5");
    }

    @Test
    void saysMixedWhereDevicesDiffer() {
        assertThat(joined(gpu(5, NONCE), gpu(6, NONCE)))
                .containsEntry("nvidia.driver-version", "mixed")
                .containsEntry("nvidia.1.driver-version", "v6");
    }

    @Test
    void refusesADeviceThatAnswersAnotherChallenge() {
        byte[] other = NONCE.clone();
        other[31] = 1;
        assertThat(join(gpu(5, NONCE), gpu(5, other)))
                .isInstanceOfSatisfying(
                        Authenticity.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("binding.device-nonce"));
    }

    @Test
    void refusesWithTheDevicesOwnRule() {
        var bare = new DeviceEvidence(Evidence.Format.NVIDIA_REPORT, new byte[33], List.of());
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
                .join(cpu, List.of(devices), new Items(List.of()), NONCE, Instant.EPOCH);
    }

    private static DeviceEvidence gpu(int driver, byte[] nonce) {
        byte[] document = new byte[1 + nonce.length];
        document[0] = (byte) driver;
        System.arraycopy(nonce, 0, document, 1, nonce.length);
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
                    public boolean launchedFor(Digest ownerId) {
                        return true;
                    }
                };
        return new Authenticity.Authentic(
                new Claims(Tee.SEV_SNP, Digest.sha256(), new byte[32], values), binding, List.of());
    }
}
