package dev.strongroom.serving.access;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The connections of one transport from before their TLS on. Each is a stranger's until a
 * certificate of it was verified, and a stranger's lasts for seconds, whatever is done on it.
 *
 * <p>Thread-safe.
 */
public final class Threshold {
    private static final Duration STRANGER = Duration.ofSeconds(10);

    private final Addresses addresses;
    private final LiveLimits limits;
    private final Map<Ends, Entry> inside = new ConcurrentHashMap<>();

    private Threshold(Addresses addresses, LiveLimits limits) {
        this.addresses = addresses;
        this.limits = limits;
    }

    /** Of one of the transports behind a door. */
    public static Threshold of(Door door) {
        return new Threshold(door.addresses(), door.connections());
    }

    /** How long a connection may be a stranger's. */
    public Duration patience() {
        Duration idle = limits.now().idle();
        return STRANGER.compareTo(idle) < 0 ? STRANGER : idle;
    }

    /**
     * A connection begins.
     *
     * @param close ends it, within so long if calls are under way
     * @return empty when there is no room
     */
    public Optional<Entry> enter(Ends ends, Consumer<Duration> close) {
        if (!addresses.strangers().enter(ends.from())) {
            return Optional.empty();
        }
        var entry = new Entry(ends, close);
        inside.put(ends, entry);
        return Optional.of(entry);
    }

    /**
     * A certificate was verified on it; closes it where its address has too many such already.
     *
     * @param tenant of the certificate; empty where it names none
     */
    public void recognise(Ends ends, String tenant) {
        Optional.ofNullable(inside.get(ends)).ifPresent(entry -> entry.recognise(tenant));
    }

    /** Ends it, whether its client reads or not. */
    public void end(Ends ends) {
        retire(ends, Duration.ZERO);
    }

    /** Ends it with its calls under way, and after so long in any case. */
    public void retire(Ends ends, Duration within) {
        Optional.ofNullable(inside.get(ends)).ifPresent(entry -> entry.close.accept(within));
    }

    /** One connection. */
    public final class Entry {
        private final Ends ends;
        private final Consumer<Duration> close;
        private volatile Consumer<String> whose = _ -> {};
        private Sources among = addresses.strangers();
        private boolean left;

        private Entry(Ends ends, Consumer<Duration> close) {
            this.ends = ends;
            this.close = close;
        }

        /** Has somebody hear of which tenant it is. */
        public void follow(Lifetime lifetime) {
            whose = lifetime::of;
        }

        private void recognise(String tenant) {
            if (recognised(addresses.of(tenant))) {
                whose.accept(tenant);
            } else {
                close.accept(Duration.ZERO);
            }
        }

        private synchronized boolean recognised(Sources known) {
            if (isStranger()) {
                if (!known.enter(ends.from())) {
                    return false;
                }
                among.leave(ends.from());
                among = known;
            }
            return true;
        }

        /** When the patience is over: closes a connection that is still a stranger's. */
        public void expire() {
            if (isStranger()) {
                close.accept(Duration.ZERO);
            }
        }

        private synchronized boolean isStranger() {
            return !left && among == addresses.strangers();
        }

        /** It has ended. */
        public synchronized void leave() {
            if (!left) {
                left = true;
                inside.remove(ends, this);
                among.leave(ends.from());
            }
        }
    }
}
