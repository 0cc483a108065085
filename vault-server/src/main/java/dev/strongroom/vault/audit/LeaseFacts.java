package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.ModelName;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * What a lease can be revoked by, as the record of its release or renewal has it.
 *
 * @param node identity that asked for it
 * @param number of the version
 * @param policies digests of release and output policy, in hex
 * @param measurement of the node's image, as its evidence has it; empty if it has none
 * @param chip that the node runs on; empty if its evidence names none
 */
public record LeaseFacts(
        String node,
        ModelName model,
        long number,
        List<String> policies,
        String measurement,
        String chip) {
    public LeaseFacts {
        policies = List.copyOf(policies);
    }

    static LeaseFacts of(String actor, SortedMap<String, String> fields) {
        return new LeaseFacts(
                actor,
                ModelName.parse(LogView.field(fields, "model")),
                Long.parseLong(LogView.field(fields, "number")),
                List.of(
                        LogView.field(fields, "release-policy"),
                        LogView.field(fields, "output-policy")),
                LogView.field(fields, "measurement"),
                LogView.field(fields, "chip"));
    }

    /** What a decision that is about to be recorded is about. */
    public static LeaseFacts of(Decision decision) {
        return of(decision.actor(), decision.fields());
    }

    /** Whose model it is. */
    public String tenant() {
        return model.tenant().value();
    }

    /** Everything that a revocation could name to end it. */
    Stream<RevocationTarget> targets() {
        return Stream.concat(
                policies.stream()
                        .map(policy -> new RevocationTarget(RevocationTarget.Kind.POLICY, policy)),
                Stream.of(
                        new RevocationTarget(RevocationTarget.Kind.NODE, node),
                        new RevocationTarget(RevocationTarget.Kind.MODEL, model.toString()),
                        new RevocationTarget(RevocationTarget.Kind.VERSION, model + ":" + number),
                        new RevocationTarget(RevocationTarget.Kind.MEASUREMENT, measurement),
                        new RevocationTarget(RevocationTarget.Kind.CHIP, chip)));
    }
}
