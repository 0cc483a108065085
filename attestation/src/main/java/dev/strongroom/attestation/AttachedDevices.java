package dev.strongroom.attestation;

import dev.strongroom.attestation.nvidia.NvidiaVerifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Judges the devices that came along with a CPU's evidence, and adds what they say to its claims:
 * {@code nvidia.devices} counts them, {@code nvidia.N.…} is what each says, {@code nvidia.…} what
 * all say alike, or {@link Claims#MIXED}. A device counts once.
 */
record AttachedDevices(EvidenceKind gpu) {
    /** The device's own rules, and that it answers the same challenge. */
    static final List<String> RULES =
            Stream.concat(
                            NvidiaVerifier.RULES.stream(),
                            Stream.of("binding.device-nonce", "binding.device-repeated"))
                    .toList();

    /** The same where there was no challenge. */
    static final List<String> RULES_WITHOUT_CHALLENGE =
            RULES.stream().filter(rule -> !rule.equals("binding.device-nonce")).toList();

    private static final String PREFIX = "nvidia.";
    private static final String ID = PREFIX + "device-id";

    /** Those of a world that has devices; a simulated one has none. */
    static Optional<AttachedDevices> of(TrustAnchors anchors) {
        return anchors.tee() == Tee.HARDWARE
                ? Optional.of(new AttachedDevices(EvidenceKinds.gpu()))
                : Optional.empty();
    }

    /**
     * The CPU's verdict with its devices' claims, or the first device's refusal.
     *
     * @param bound whether a device answers the CPU's challenge
     */
    Authenticity join(
            Authenticity.Authentic cpu,
            List<DeviceEvidence> devices,
            Items items,
            Predicate<Authenticity.Binding> bound,
            Instant now) {
        var said = new ArrayList<Map<String, String>>();
        for (int i = 0; i < devices.size(); i++) {
            DeviceEvidence device = devices.get(i);
            Items own = items.with(certificates(device));
            switch (gpu.verify(device.document(), own, now)) {
                case Authenticity.Refused refused -> {
                    return refused;
                }
                case Authenticity.Authentic(Claims claims, Authenticity.Binding binding, _) -> {
                    if (!bound.test(binding)) {
                        return new Authenticity.Refused(
                                "binding.device-nonce",
                                "device %d does not answer this challenge".formatted(i));
                    }
                    said.add(own(claims.values()));
                }
            }
        }
        if (said.stream().map(device -> device.get(ID)).distinct().count() < said.size()) {
            return new Authenticity.Refused(
                    "binding.device-repeated", "expected each device once, by its " + ID);
        }
        return new Authenticity.Authentic(
                with(cpu.claims(), joined(said)), cpu.binding(), cpu.floor());
    }

    private static List<EvidenceItem> certificates(DeviceEvidence device) {
        return device.certificates().stream()
                .map(der -> new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, der))
                .toList();
    }

    private static Map<String, String> own(Map<String, String> device) {
        var own = new TreeMap<>(device);
        own.keySet().removeIf(name -> !name.startsWith(PREFIX));
        return own;
    }

    private static Map<String, String> joined(List<Map<String, String>> devices) {
        var joined = new TreeMap<String, String>();
        for (int i = 0; i < devices.size(); i++) {
            String numbered = PREFIX + i + ".";
            devices.get(i)
                    .forEach((name, value) -> {
                        joined.put(numbered + name.substring(PREFIX.length()), value);
                        boolean isAll =
                                devices.stream().allMatch(each -> value.equals(each.get(name)));
                        joined.put(name, isAll ? value : Claims.MIXED);
                    });
        }
        joined.put(PREFIX + "devices", Integer.toString(devices.size()));
        return joined;
    }

    private static Claims with(Claims cpu, Map<String, String> devices) {
        var values = new HashMap<>(cpu.values());
        values.putAll(devices);
        return new Claims(cpu.tee(), cpu.rootFingerprint(), cpu.hostData(), values);
    }
}
