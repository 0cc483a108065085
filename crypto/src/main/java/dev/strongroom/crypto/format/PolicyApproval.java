package dev.strongroom.crypto.format;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who must agree to a revision of a policy: the approvers that the revision before it names, so
 * that no owner frees himself of them, and those that it names itself, so that nobody puts keys in
 * charge that cannot answer. Vault, node and client ask the same question here.
 */
public final class PolicyApproval {
    private PolicyApproval() {}

    /**
     * The sets that must each agree; none when neither revision names approvers. Only release
     * policies name any.
     *
     * @param before the revision that {@code next} follows; empty for the first
     * @throws SealedFormatException when a release policy is not of its grammar
     */
    public static List<ApproverSet> demands(Optional<PolicyDocument> before, PolicyDocument next)
            throws SealedFormatException {
        if (next.kind() != PolicyReference.Kind.RELEASE) {
            return List.of();
        }
        Optional<ApproverSet> old = before.isPresent() ? named(before.get()) : Optional.empty();
        return Stream.of(old, named(next)).flatMap(Optional::stream).distinct().toList();
    }

    private static Optional<ApproverSet> named(PolicyDocument policy) throws SealedFormatException {
        try {
            return ReleasePolicy.parse(policy.body()).approvals();
        } catch (PolicyFormatException e) {
            throw new SealedFormatException("release policy: " + e.getMessage(), e);
        }
    }
}
