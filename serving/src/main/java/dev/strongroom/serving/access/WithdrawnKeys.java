package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Client keys whose certificates the vault says count no more. Thread-safe. */
public final class WithdrawnKeys {
    private final Set<Digest> keys = ConcurrentHashMap.newKeySet();

    /**
     * From now on refuses these.
     *
     * @param withdrawn SHA-256 of SubjectPublicKeyInfos
     */
    public void add(Collection<Digest> withdrawn) {
        keys.addAll(withdrawn);
    }

    boolean has(Digest key) {
        return keys.contains(key);
    }
}
