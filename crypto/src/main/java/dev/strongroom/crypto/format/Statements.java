package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.ArrayList;
import java.util.List;

/** Field groups that several signed records share. */
final class Statements {
    private static final int MAX_POLICIES = 8;

    private Statements() {}

    static Canonical writeModel(Canonical out, ModelName model) {
        return out.text(model.tenant().value()).text(model.name());
    }

    static ModelName readModel(CanonicalReader in) throws MalformedEncodingException {
        return new ModelName(
                new TenantName(in.text("tenant", TenantName.MAX_BYTES)),
                in.text("model name", TenantName.MAX_BYTES));
    }

    static Digest readDigest(CanonicalReader in, String field) throws MalformedEncodingException {
        return Digest.of(in.fixed(field, Digest.BYTES));
    }

    static void writePolicies(Canonical out, List<PolicyReference> policies) {
        Strict.requireAtMost("policies", policies.size(), MAX_POLICIES);
        out.u32(policies.size());
        for (PolicyReference policy : policies) {
            out.u8(policy.kind().number())
                    .text(policy.id())
                    .u64(policy.seq())
                    .bytes(policy.digest().bytes());
        }
    }

    static List<PolicyReference> readPolicies(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("policies", MAX_POLICIES);
        var policies = new ArrayList<PolicyReference>();
        for (int i = 0; i < count; i++) {
            policies.add(
                    new PolicyReference(
                            kind(in.u8("kind")),
                            in.text("policy id", PolicyDemand.ID_BYTES),
                            in.u64("seq"),
                            readDigest(in, "policy digest")));
        }
        return policies;
    }

    static PolicyReference.Kind kind(int number) {
        for (PolicyReference.Kind kind : PolicyReference.Kind.values()) {
            if (kind.number() == number) {
                return kind;
            }
        }
        throw new IllegalArgumentException("policy kind: unknown number " + number);
    }
}
