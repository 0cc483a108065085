package dev.strongroom.testkit;

import dev.strongroom.attestation.policy.PolicyDraft;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.snp.ProductLine;
import java.util.HexFormat;
import java.util.List;

/** Release policies for guests of {@link ChipConfig#launch} on a Genoa chip. */
public final class ChipPolicy {
    private ChipPolicy() {}

    /** A complete draft that such a guest satisfies when it has this launch measurement. */
    public static PolicyDraft draft(String measurementHex) {
        return PolicyDraft.sevSnp(ProductLine.GENOA, List.of(measurementHex), ChipConfig.RECENT);
    }

    /** The draft as JSON that ends in its last brace. */
    public static String json(byte[] measurement) {
        return draft(HexFormat.of().formatHex(measurement)).json().strip();
    }

    /** The draft as a policy. */
    public static ReleasePolicy of(byte[] measurement) {
        try {
            return draft(HexFormat.of().formatHex(measurement)).policy();
        } catch (PolicyFormatException e) {
            throw new IllegalStateException("a complete draft parses", e);
        }
    }
}
