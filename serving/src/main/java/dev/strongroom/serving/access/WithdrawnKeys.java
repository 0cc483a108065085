package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.infer.Caller;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Client keys whose certificates the vault says count no more. Thread-safe. */
public final class WithdrawnKeys {
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Set<Digest> keys = ConcurrentHashMap.newKeySet();
    private final Map<Digest, Long> told = new ConcurrentHashMap<>();
    private volatile Consumer<Use> heard = _ -> {};
    private volatile Predicate<String> kept = _ -> true;

    /**
     * A call that was refused.
     *
     * @param key SHA-256 of its SubjectPublicKeyInfo
     * @param tenant of its certificate
     * @param source address of the peer; empty where the transport has none
     */
    public record Use(Digest key, String tenant, String source) {}

    /**
     * From now on refuses these.
     *
     * @param withdrawn SHA-256 of SubjectPublicKeyInfos
     */
    public void add(Collection<Digest> withdrawn) {
        keys.addAll(withdrawn);
    }

    /**
     * Has somebody hear of calls with these, once a while of each key.
     *
     * @param listener returns quickly
     */
    public void listen(Consumer<Use> listener) {
        heard = listener;
    }

    /**
     * Goes by somebody else's word on whether these are all there are.
     *
     * @param upToDate true of a tenant while the vault says which of its callers' keys are
     *     withdrawn
     */
    public void keptBy(Predicate<String> upToDate) {
        kept = upToDate;
    }

    /** False while nobody would say that a key of this tenant is withdrawn. */
    boolean areKnownOf(String tenant) {
        return kept.test(tenant);
    }

    /** Whether calls with a key are refused; whoever listens hears of it if so. */
    boolean refuses(Digest key, Caller caller) {
        if (!keys.contains(key)) {
            return false;
        }
        long now = System.nanoTime();
        Long before = told.get(key);
        if (before == null || now - before > AGAIN.toNanos()) {
            told.put(key, now);
            heard.accept(new Use(key, caller.tenant(), caller.source()));
        }
        return true;
    }
}
