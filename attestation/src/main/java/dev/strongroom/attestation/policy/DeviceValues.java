package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What each attached device says where not all say the same: a deny list is about every one. */
final class DeviceValues {
    private static final String PREFIX = "nvidia.";

    private DeviceValues() {}

    /** One value for each device, absent where it says nothing; one absent one if there is none. */
    static List<Optional<String>> of(String claim, Claims claims) {
        int devices = Integer.parseInt(claims.values().getOrDefault(PREFIX + "devices", "0"));
        if (!claim.startsWith(PREFIX) || devices == 0) {
            return List.of(Optional.empty());
        }
        String name = claim.substring(PREFIX.length());
        return IntStream.range(0, devices)
                .mapToObj(i -> Optional.ofNullable(claims.values().get(PREFIX + i + "." + name)))
                .toList();
    }
}
