package dev.strongroom.serving.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * Counts connections by where they come from, before anybody has said who he is. Addresses of one
 * IPv6 network of a subscriber count as one.
 *
 * <p>Thread-safe.
 */
public final class Addresses {
    private static final int SUBSCRIBER_BYTES = 8; // RFC 6177: nobody has less than a /64
    private static final int CROWDED = 16; // addresses that have all they may; then it is full

    private final int perAddress;
    private final Map<String, Integer> open = new HashMap<>();
    private int all;

    /**
     * @param perAddress connections at a time
     */
    public Addresses(int perAddress) {
        this.perAddress = perAddress;
    }

    /** True when there is room for one more; who entered leaves once. */
    public synchronized boolean enter(InetAddress address) {
        int had = open.getOrDefault(source(address), 0);
        if (had >= perAddress || all >= (long) CROWDED * perAddress) {
            return false;
        }
        open.put(source(address), had + 1);
        all++;
        return true;
    }

    public synchronized void leave(InetAddress address) {
        open.computeIfPresent(source(address), (_, had) -> had == 1 ? null : had - 1);
        all--;
    }

    private static String source(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean shared = address instanceof Inet6Address && !address.isLoopbackAddress();
        return HexFormat.of().formatHex(shared ? Arrays.copyOf(bytes, SUBSCRIBER_BYTES) : bytes);
    }
}
