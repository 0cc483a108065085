package dev.strongroom.serving.access;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
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
    private final Set<Runnable> followers = ConcurrentHashMap.newKeySet();
    private volatile ConnectionLimits now;

    /**
     * @param rules those in force, asked for now and at each revision; it waits for nothing
     */
    public LiveLimits(Supplier<ConnectionLimits> rules) {
        this.rules = rules;
        this.now = rules.get();
    }

    public ConnectionLimits now() {
        return now;
    }

    /** The rules have changed: connections that are open are held to them from here on. */
    public synchronized void revise() {
        now = rules.get();
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
