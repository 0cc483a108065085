package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Owners whose models may be on the same node as the model of a release policy. Each has to name
 * the others in his own policy, or his models are not released to such a node.
 *
 * @param ids owner ids, 1 to {@value #MAX}
 */
record CoOwners(NavigableSet<Digest> ids) {
    /** More than fit on one node: which of them share one is the operator's choice. */
    static final int MAX = 16;

    CoOwners {
        ids = Collections.unmodifiableNavigableSet(new TreeSet<>(ids));
        if (ids.isEmpty() || ids.size() > MAX) {
            throw new IllegalArgumentException(
                    "coOwners: expected 1 to " + MAX + " owner ids, got " + ids.size());
        }
    }

    /** Those of a node that this policy does not allow there. */
    List<Digest> strangers(NodeOwners owners) {
        return owners.others().stream().filter(other -> !ids.contains(other)).toList();
    }

    /** The only spelling that is hashed. */
    String canonical() {
        return ids.stream().map(Digest::hex).collect(Collectors.joining("\",\"", "[\"", "\"]"));
    }
}
