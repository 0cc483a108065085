package dev.strongroom.agent;

import dev.strongroom.attestation.Claims;
import java.util.List;

/** What records and revocations name of a node, for every kind of evidence. */
final class NodeClaims {
    private static final List<String> MEASUREMENTS =
            List.of("snp.measurement", "tdx.mrtd", "nitro.pcr0");
    private static final List<String> CHIPS =
            List.of("snp.chip-id", "tdx.ppid", "nitro.instance-id");

    private NodeClaims() {}

    /** What was launched; empty if the evidence does not say. */
    static String measurement(Claims claims) {
        return first(claims, MEASUREMENTS);
    }

    /** What it runs on; empty if the evidence does not say. */
    static String chip(Claims claims) {
        return first(claims, CHIPS);
    }

    private static String first(Claims claims, List<String> names) {
        return names.stream()
                .map(name -> claims.values().getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }
}
