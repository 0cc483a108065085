package dev.strongroom.serving.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of one transport from before their TLS on. Each is a stranger's until a
 * certificate of it was verified, and a stranger's lasts for seconds, whatever is done on it.
 *
 * <p>Thread-safe.
 */
public final class Threshold {
    private static final Duration STRANGER = Duration.ofSeconds(10);

    private final Addresses addresses;
    private final Duration patience;
    private final Map<InetSocketAddress, Entry> inside = new ConcurrentHashMap<>();

    private Threshold(Addresses addresses, Duration patience) {
        this.addresses = addresses;
        this.patience = patience;
    }

    /** Of one of the transports behind a door. */
    public static Threshold of(Door door) {
        Duration idle = door.connections().idle();
        return new Threshold(door.addresses(), STRANGER.compareTo(idle) < 0 ? STRANGER : idle);
    }

    /** How long a connection may be a stranger's. */
    public Duration patience() {
        return patience;
    }

    /**
     * A connection begins.
     *
     * @param from its other end
     * @param close ends it
     * @return empty when there is no room
     */
    public Optional<Entry> enter(InetSocketAddress from, Runnable close) {
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
        Optional.ofNullable(inside.get(from)).ifPresent(entry -> entry.close.run());
    }

    /** One connection. */
    public final class Entry {
        private final InetSocketAddress from;
        private final Runnable close;
        private Addresses.Standing standing = Addresses.Standing.STRANGER;
        private boolean left;

        private Entry(InetSocketAddress from, Runnable close) {
            this.from = from;
            this.close = close;
        }

        private InetAddress address() {
            return from.getAddress();
        }

        private void recognise() {
            if (!recognised()) {
                close.run();
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
                close.run();
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
