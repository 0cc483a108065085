package dev.strongroom.attestation;

import java.util.List;
import java.util.Map;

/**
 * What authentic evidence says, by claim name ({@code snp.measurement}, {@code
 * snp.tcb.reported.snp}, …): the vocabulary of a release policy. Byte fields are lower-case hex,
 * numbers decimal, bits {@code true} or {@code false}. The package {@code snp} documents all names.
 *
 * @param tee simulated whenever the chain ends in a test root
 * @param rootFingerprint SHA-256 of the whole root certificate the chain ends in
 * @param hostData launch-measured 32 bytes: {@link NodeOwners#hostData}
 * @param values every claim by name
 */
public record Claims(Tee tee, Digest rootFingerprint, byte[] hostData, Map<String, String> values) {
    /** The value of a claim about all devices where they do not say the same. */
    public static final String MIXED = "mixed";

    private static final List<String> MEASUREMENTS =
            List.of("snp.measurement", "tdx.mrtd", "nitro.pcr0");
    private static final List<String> CHIPS =
            List.of("snp.chip-id", "tdx.ppid", "nitro.instance-id");

    public Claims {
        values = Map.copyOf(values);
    }

    /** What was launched, as records name it; empty if the evidence does not say. */
    public String measurement() {
        return first(MEASUREMENTS);
    }

    /** What it runs on, as records name it; empty if the evidence does not say. */
    public String chip() {
        return first(CHIPS);
    }

    private String first(List<String> names) {
        return names.stream()
                .map(name -> values.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }
}
