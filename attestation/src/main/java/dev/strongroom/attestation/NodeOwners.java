package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.Canonical;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Whom a node was launched for, as one of them sees it: the owner whose model this is about, and
 * those whose models may be in the same process. There is one spelling of a set: others ascend,
 * none twice, the owner is not among them.
 *
 * @param own SHA-256 of the owner root's SubjectPublicKeyInfo
 * @param others the same of his co-owners, ascending; empty for a node of his alone
 */
public record NodeOwners(Digest own, List<Digest> others) {
    /** Of one node, with the owner himself. */
    public static final int MAX_OWNERS = 8;

    private static final String DOMAIN = "strongroom/node-owners";

    public NodeOwners {
        others = List.copyOf(others);
        if (others.size() >= MAX_OWNERS) {
            throw new IllegalArgumentException(
                    "co-owners: expected at most " + (MAX_OWNERS - 1) + ", got " + others.size());
        }
        if (others.contains(own) || !List.copyOf(new TreeSet<>(others)).equals(others)) {
            throw new IllegalArgumentException(
                    "co-owners: expected ids that ascend, none twice, without the owner's own");
        }
    }

    /** A node of this owner's only. */
    public static NodeOwners alone(Digest own) {
        return new NodeOwners(own, List.of());
    }

    /**
     * A node of all of these, as one of them sees it.
     *
     * @param all in any order, with or without {@code own}
     */
    public static NodeOwners among(Digest own, Collection<Digest> all) {
        var others = new TreeSet<>(all);
        others.remove(own);
        return new NodeOwners(own, List.copyOf(others));
    }

    /**
     * What such a node has to have been launched with: of one owner his id itself, of several the
     * SHA-256 of all their ids. No owner id is such a digest, since what it is of begins like no
     * SubjectPublicKeyInfo.
     */
    public Digest hostData() {
        if (others.isEmpty()) {
            return own;
        }
        var all = new TreeSet<>(others);
        all.add(own);
        var canonical = Canonical.of(DOMAIN, 1).u32(all.size());
        all.forEach(owner -> canonical.bytes(owner.bytes()));
        return Digest.sha256(canonical.toByteArray());
    }

    /** The co-owners as records name them: separated by commas, empty for none. */
    public String othersText() {
        return String.join(",", others.stream().map(Digest::hex).toList());
    }
}
