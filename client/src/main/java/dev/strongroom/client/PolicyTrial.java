package dev.strongroom.client;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Tries a policy on the releases that the log records: who would get the key no more. It can only
 * say what those nodes showed then; a node that was updated since may fare better or worse.
 */
public final class PolicyTrial {
    /** Of a node that got the key of one version: its latest release, and what the policy says. */
    public record Outcome(String node, long version, Instant released, PolicyDecision decision) {}

    private final Map<String, AuditTrail.Leaf> latest = new LinkedHashMap<>();

    private PolicyTrial() {}

    /** Reads the releases of a model from the log as the vault lists it. */
    public static PolicyTrial of(AuditTrail log, ModelName model) throws ClientException {
        var trial = new PolicyTrial();
        log.list(0, 0, leaf -> trial.take(leaf, model));
        return trial;
    }

    private void take(AuditTrail.Leaf leaf, ModelName model) {
        Map<String, String> fields = leaf.record().fields();
        if (leaf.record().type().equals(AuditRecord.KEY_RELEASED)
                && model.toString().equals(fields.get("model"))) {
            latest.put(leaf.record().actor() + ' ' + fields.get("number"), leaf);
        }
    }

    /** What the policy would say of each. */
    public List<Outcome> judge(ReleasePolicy policy) {
        Collection<AuditTrail.Leaf> leaves = latest.values();
        return leaves.stream().map(leaf -> outcome(leaf.record(), policy)).toList();
    }

    private static Outcome outcome(AuditRecord record, ReleasePolicy policy) {
        Map<String, String> fields = record.fields();
        return new Outcome(record.actor(), number(fields), record.time(), decision(record, policy));
    }

    private static PolicyDecision decision(AuditRecord record, ReleasePolicy policy) {
        Map<String, String> fields = record.fields();
        return policy.objectionTo(trustLevel(fields))
                .<PolicyDecision>map(why -> new PolicyDecision.Denied("policy.trust-level", why))
                .or(() ->
                        policy.objectionTo(number(fields))
                                .map(why -> new PolicyDecision.Denied("policy.min-version", why)))
                .or(() -> company(record, policy))
                .orElseGet(() -> policy.evaluate(claims(fields), posture(fields)));
    }

    /** Why the policy would not have the model beside those who were on the node. */
    private static Optional<PolicyDecision> company(AuditRecord record, ReleasePolicy policy) {
        try {
            var owner = new Digest(record.fields().getOrDefault("owner", ""));
            RuleOutcome judged = policy.judge(ReleaseRecord.owners(record.fields(), owner));
            return judged.hasFailed()
                    ? Optional.of(new PolicyDecision.Denied(judged.rule(), judged.expected()))
                    : Optional.empty();
        } catch (SealedFormatException | IllegalArgumentException e) {
            return Optional.of(
                    new PolicyDecision.Denied(
                            "policy.co-owners",
                            "the log does not say whose models were there: " + e.getMessage()));
        }
    }

    private static long number(Map<String, String> fields) {
        return Long.parseLong(fields.getOrDefault("number", "0"));
    }

    private static TrustLevel trustLevel(Map<String, String> fields) {
        return TrustLevel.named(fields.getOrDefault("trust-level", "")).orElse(TrustLevel.SOFTWARE);
    }

    private static Claims claims(Map<String, String> fields) {
        var values = new TreeMap<String, String>();
        fields.forEach((name, value) -> {
            if (name.startsWith(AuditRecord.CLAIM_PREFIX)) {
                values.put(name.substring(AuditRecord.CLAIM_PREFIX.length()), value);
            }
        });
        Tee tee = Tee.ofLabel(fields.getOrDefault("tee", Tee.HARDWARE.label()));
        values.put("tee", tee.label());
        return new Claims(tee, Digest.sha256(), new byte[0], values);
    }

    private static Posture posture(Map<String, String> fields) {
        String name = fields.getOrDefault("posture", "");
        for (Posture posture : Posture.values()) {
            if (posture.name().equals(name)) {
                return posture;
            }
        }
        return Posture.BASE;
    }
}
