package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Tee;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names what an authentic report says, for policies and people: the table in this package's
 * documentation.
 */
final class NvidiaClaims {
    private NvidiaClaims() {}

    static Map<String, String> of(
            NvidiaReport report, DeviceChain chain, Comparison comparison, Tee tee) {
        var claims = new TreeMap<String, String>();
        claims.put("tee", tee.label());
        claims.put("nvidia.hardware-model", commonName(chain.device().subject().getName()));
        claims.put(
                "nvidia.device-id",
                HexFormat.of().formatHex(chain.device().x509().getSerialNumber().toByteArray()));
        chain.firmwareId()
                .ifPresent(id -> claims.put("nvidia.firmware-id", HexFormat.of().formatHex(id)));
        report.opaque().claims().forEach((name, value) -> claims.put("nvidia." + name, value));
        report.measurements()
                .forEach((index, value) ->
                        claims.put("nvidia.measurement." + index, HexFormat.of().formatHex(value)));
        comparison.driverVersion().ifPresent(v -> claims.put("nvidia.rim.driver", v));
        comparison.vbiosVersion().ifPresent(v -> claims.put("nvidia.rim.vbios", v));
        claims.put("nvidia.measurements", comparison.outcome());
        return claims;
    }

    /** The common name in RFC 2253 form of a distinguished name, or an empty string. */
    private static String commonName(String rfc2253) {
        return Arrays.stream(rfc2253.split(",", -1))
                .filter(part -> part.startsWith("CN="))
                .map(part -> part.substring("CN=".length()))
                .findFirst()
                .orElse("");
    }
}
