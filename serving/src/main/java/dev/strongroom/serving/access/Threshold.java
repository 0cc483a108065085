package dev.strongroom.serving.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;
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
    private final Map<InetSocketAddress, Entry> inside = new ConcurrentHashMap<>();

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
     * @param from its other end
     * @param close ends it, within so long if calls are under way
     * @return empty when there is no room
     */
    public Optional<Entry> enter(InetSocketAddress from, Consumer<Duration> close) {
        if (!addresses.enter(from.getAddress())) {
            return Optional.empty();
        }
        var entry = new Entry(from, close);
        inside.put(from, entry);
        return Optional.of(entry);
    }

    /** A certificate was verified on it; closes it where its address has too many such already. */
    public void recognise(InetSocketAddress from) {
        Optional.ofNullable(inside.get(from)).ifPresent(Entry::recognise);
    }

    /** Ends it, whether its client reads or not. */
    public void end(InetSocketAddress from) {
        retire(from, Duration.ZERO);
    }

    /** Ends it with its calls under way, and after so long in any case. */
    public void retire(InetSocketAddress from, Duration within) {
        Optional.ofNullable(inside.get(from)).ifPresent(entry -> entry.close.accept(within));
    }

    /** One connection. */
    public final class Entry {
        private final InetSocketAddress from;
        private final Consumer<Duration> close;
        private Addresses.Standing standing = Addresses.Standing.STRANGER;
        private boolean left;

        private Entry(InetSocketAddress from, Consumer<Duration> close) {
            this.from = from;
            this.close = close;
        }

        private InetAddress address() {
            return from.getAddress();
        }

        private void recognise() {
            if (!recognised()) {
                close.accept(Duration.ZERO);
            }
        }

        private synchronized boolean recognised() {
            if (!left && standing == Addresses.Standing.STRANGER) {
                if (!addresses.recognise(address())) {
                    return false;
                }
                standing = Addresses.Standing.KNOWN;
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
            return !left && standing == Addresses.Standing.STRANGER;
        }

        /** It has ended. */
        public synchronized void leave() {
            if (!left) {
                left = true;
                inside.remove(from, this);
                addresses.leave(address(), standing);
            }
        }
    }
}
