package dev.strongroom.serving.access;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits of connections by the owner's rules in force, which a later revision replaces while
 * connections are open.
 *
 * <p>Thread-safe.
 */
public final class LiveLimits {
    private static final Logger LOG = LoggerFactory.getLogger(LiveLimits.class);

    private final Supplier<ConnectionLimits> rules;
    private final Function<String, ConnectionLimits> rulesOfTenant;
    private final Set<Runnable> followers = ConcurrentHashMap.newKeySet();
    private volatile ConnectionLimits now;
    private volatile Map<String, ConnectionLimits> ofTenants = new ConcurrentHashMap<>();

    /**
     * @param rules of who has not shown yet of which tenant he is, asked for now and at each
     *     revision; it waits for nothing
     * @param rulesOfTenant those of who calls models of a tenant, which is asked for likewise
     */
    public LiveLimits(
            Supplier<ConnectionLimits> rules, Function<String, ConnectionLimits> rulesOfTenant) {
        this.rules = rules;
        this.rulesOfTenant = rulesOfTenant;
        this.now = rules.get();
    }

    /**
     * The same for callers of every tenant.
     *
     * @param rules those in force, asked for now and at each revision; it waits for nothing
     */
    public LiveLimits(Supplier<ConnectionLimits> rules) {
        this(rules, _ -> rules.get());
    }

    /** Of who has not shown yet of which tenant he is. */
    public ConnectionLimits now() {
        return now;
    }

    /** Of who calls models of this tenant, and therefore none of another. */
    ConnectionLimits now(String tenant) {
        return ofTenants.computeIfAbsent(tenant, rulesOfTenant);
    }

    /** The rules have changed: connections that are open are held to them from here on. */
    public synchronized void revise() {
        now = rules.get();
        ofTenants = new ConcurrentHashMap<>();
        for (Runnable follower : followers) {
            try {
                follower.run();
            } catch (RejectedExecutionException closed) {
                LOG.debug("its connection has ended, with the server", closed);
            }
        }
    }

    /** Has somebody hear of each revision, after it is in force. */
    void follow(Runnable follower) {
        followers.add(follower);
    }

    void forget(Runnable follower) {
        followers.remove(follower);
    }
}
