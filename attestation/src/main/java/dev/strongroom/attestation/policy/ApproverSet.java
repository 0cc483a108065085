package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Digest;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Who may approve, and how many of them it takes. An approver is a key, never a name: names can be
 * given twice, the digest of a key cannot.
 *
 * @param threshold how many different approvers must agree, from 1
 * @param approvers SHA-256 of each one's SubjectPublicKeyInfo, 1 to {@value #MAX_APPROVERS}
 */
public record ApproverSet(int threshold, NavigableSet<Digest> approvers) {
    public static final int MAX_APPROVERS = 16; // approvals travel with a policy, 400 bytes each

    public ApproverSet {
        approvers = Collections.unmodifiableNavigableSet(new TreeSet<>(approvers));
        if (approvers.isEmpty() || approvers.size() > MAX_APPROVERS) {
            throw new IllegalArgumentException(
                    "approvers: expected 1 to " + MAX_APPROVERS + ", got " + approvers.size());
        }
        if (threshold < 1 || threshold > approvers.size()) {
            throw new IllegalArgumentException(
                    "threshold: expected 1 to "
                            + approvers.size()
                            + ", the number of approvers, got "
                            + threshold);
        }
    }

    /** The only spelling that is hashed, as it stands in a release policy. */
    public String canonical() {
        return approvers.stream()
                .map(Digest::hex)
                .collect(
                        Collectors.joining(
                                "\",\"",
                                "{\"threshold\":" + threshold + ",\"approvers\":[\"",
                                "\"]}"));
    }
}
