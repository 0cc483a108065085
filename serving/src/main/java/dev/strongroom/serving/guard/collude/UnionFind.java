package dev.strongroom.serving.guard.collude;

import java.util.HashMap;
import java.util.Map;

/** Sets of principals that edges connect. Not thread-safe. */
final class UnionFind {
    private final Map<Long, Long> parents = new HashMap<>();
    private final Map<Long, Integer> sizes = new HashMap<>();

    /** The representative of the set; the principal itself when it is in none. */
    long root(long principal) {
        long root = principal;
        for (long up = parent(root); up != root; up = parent(root)) {
            root = up;
        }
        for (long at = principal; at != root; ) { // the next search is shorter
            long up = parent(at);
            parents.put(at, root);
            at = up;
        }
        return root;
    }

    int size(long principal) {
        return sizes.getOrDefault(root(principal), 1);
    }

    /** Joins two sets; the larger one's representative stays. */
    void join(long left, long right) {
        long a = root(left);
        long b = root(right);
        if (a == b) {
            return;
        }
        int joined = size(a) + size(b);
        long root = size(a) >= size(b) ? a : b;
        long leaf = root == a ? b : a;
        parents.put(leaf, root);
        parents.putIfAbsent(root, root);
        sizes.remove(leaf);
        sizes.put(root, joined);
    }

    private long parent(long principal) {
        return parents.getOrDefault(principal, principal);
    }
}
