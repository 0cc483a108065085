package dev.strongroom.attestation;

import dev.strongroom.attestation.nvidia.NvidiaVerifier;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Judges the devices that came along with a CPU's evidence, and adds what they say to its claims:
 * {@code nvidia.devices} counts them, {@code nvidia.N.…} is what each says, {@code nvidia.…} what
 * all say alike, or {@code mixed}.
 */
record AttachedDevices(EvidenceKind gpu) {
    /** The device's own rules, and that it answers the same challenge. */
    static final List<String> RULES =
            Stream.concat(NvidiaVerifier.RULES.stream(), Stream.of("binding.device-nonce"))
                    .toList();

    private static final String PREFIX = "nvidia.";
    private static final String MIXED = "mixed";

    /** The CPU's verdict with its devices' claims, or the first device's refusal. */
    Authenticity join(
            Authenticity.Authentic cpu,
            List<DeviceEvidence> devices,
            Items items,
            byte[] deviceNonce,
            Instant now) {
        var values = new HashMap<>(cpu.claims().values());
        for (int i = 0; i < devices.size(); i++) {
            DeviceEvidence device = devices.get(i);
            Items own = Items.of(certificates(device), items.all());
            switch (gpu.verify(device.document(), own, now)) {
                case Authenticity.Refused refused -> {
                    return refused;
                }
                case Authenticity.Authentic(Claims claims, Authenticity.Binding binding, _) -> {
                    if (!binding.speaksFor(deviceNonce)) {
                        return new Authenticity.Refused(
                                "binding.device-nonce",
                                "device %d does not answer this challenge".formatted(i));
                    }
                    add(values, claims.values(), i);
                }
            }
        }
        values.put(PREFIX + "devices", Integer.toString(devices.size()));
        return new Authenticity.Authentic(with(cpu.claims(), values), cpu.binding(), cpu.floor());
    }

    private static List<EvidenceItem> certificates(DeviceEvidence device) {
        return device.certificates().stream()
                .map(der -> new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, der))
                .toList();
    }

    private static void add(Map<String, String> values, Map<String, String> device, int index) {
        device.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                values.put(PREFIX + index + "." + name.substring(PREFIX.length()), value);
                values.merge(name, value, (one, other) -> one.equals(other) ? one : MIXED);
            }
        });
        if (index > 0) {
            missing(values, device);
        }
    }

    /** What an earlier device says and this one does not is not what all say. */
    private static void missing(Map<String, String> values, Map<String, String> device) {
        values.replaceAll((name, value) ->
                name.matches("nvidia\\.[a-z].*") && !device.containsKey(name) ? MIXED : value);
    }

    private static Claims with(Claims cpu, Map<String, String> values) {
        return new Claims(cpu.tee(), cpu.rootFingerprint(), cpu.hostData(), values);
    }
}
