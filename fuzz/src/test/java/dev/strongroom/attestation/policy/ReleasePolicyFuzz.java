package dev.strongroom.attestation.policy;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** An owner's policy, JSON. */
class ReleasePolicyFuzz {
    static List<byte[]> seeds() {
        return Stream.of(
                        """
                        {"version": 1, "minPosture": "base", "require": {"allOf": [
                          {"claim": "snp.measurement", "op": "in", "value": ["ab", "cd"]},
                          {"claim": "snp.tcb.reported.snp", "op": "ge", "value": 22}]}}
                        """,
                        """
                        {"version": 1, "minPosture": "base",
                         "require": {"anyOf": [{"claim": "snp.measurement", "op": "eq", "value": "ab"}]},
                         "approvals": {"threshold": 1, "approvers": ["%s"]},
                         "coOwners": ["%s"]}
                        """
                                .formatted("ab".repeat(32), "cd".repeat(32)))
                .map(json -> json.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAPolicyOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, PolicyFormatException.class, ReleasePolicy::parse);
    }
}
