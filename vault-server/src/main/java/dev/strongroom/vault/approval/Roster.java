package dev.strongroom.vault.approval;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.audit.ApprovalHistory;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who must agree to what an operator does: destroying a key, a ceremony. Requests come from one of
 * them too, whose own key does not count, so there is at least one more of them than must agree.
 *
 * @param threshold how many must agree
 * @param names by key id; a name is for people and decides nothing
 */
public record Roster(int threshold, SortedMap<Digest, String> names) {
    private static final String DOMAIN = "strongroom/approver-roster";
    private static final String NAME = "[A-Za-z0-9 ._@-]{1,64}";

    public Roster {
        names = Collections.unmodifiableSortedMap(new TreeMap<>(names));
        if (names.size() < 2) {
            throw new IllegalArgumentException("expected two or more of different keys");
        }
        if (threshold >= names.size()) {
            throw new IllegalArgumentException(
                    "threshold: expected at most %d, one less than there are approvers, since the one who asks does not count"
                            .formatted(names.size() - 1));
        }
        for (String name : names.values()) {
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException("approver name: expected " + NAME);
            }
        }
        var _ = new ApproverSet(threshold, new TreeSet<>(names.keySet())); // its rules hold
    }

    public ApproverSet set() {
        return new ApproverSet(threshold, new TreeSet<>(names.keySet()));
    }

    /**
     * What the audit log calls a roster at each start; the digest of nothing when there is none.
     */
    public static Digest digest(Optional<Roster> roster) {
        return roster.map(Roster::digest).orElse(Digest.sha256());
    }

    /** Writes down who the approvers are, when they are others than the log says. */
    public static void record(Optional<Roster> roster, AuditLog log) throws RefusedException {
        Digest now = digest(roster);
        if (log.views().approvals().roster().orElse(digest(Optional.empty())).equals(now)) {
            return;
        }
        Decision change =
                Decision.of(
                                AuditRecord.APPROVERS_CHANGED,
                                Decision.VAULT,
                                ApprovalHistory.WHOLE_VAULT)
                        .with("approvers", now)
                        .with("threshold", roster.map(Roster::threshold).orElse(0));
        for (var approver : roster.map(Roster::names).orElse(new TreeMap<>()).entrySet()) {
            change = change.with(approver.getKey().hex(), approver.getValue());
        }
        log.appendSigned(change);
    }

    private Digest digest() {
        Canonical out = Canonical.of(DOMAIN, 1).u32(threshold).u32(names.size());
        for (Map.Entry<Digest, String> approver : names.entrySet()) {
            out.text(approver.getValue()).bytes(approver.getKey().bytes());
        }
        return Digest.sha256(out.toByteArray());
    }
}
