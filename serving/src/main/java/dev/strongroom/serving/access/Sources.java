package dev.strongroom.serving.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * So many connections of each source, and so many of all. An IPv4 address is a source, and so is a
 * whole IPv6 site, whose addresses cost nothing.
 *
 * <p>Thread-safe.
 */
final class Sources {
    private static final int SITE_BYTES = 6; // RFC 6177: few have more than a /48

    private final int each;
    private final long most;
    private final Map<String, Integer> open = new HashMap<>();
    private long all;

    /**
     * @param each connections of one source at a time
     * @param crowded sources that have all of theirs; then there is room for none
     */
    Sources(int each, int crowded) {
        this.each = each;
        this.most = (long) crowded * each;
    }

    synchronized boolean enter(InetAddress address) {
        String source = source(address);
        int had = open.getOrDefault(source, 0);
        if (had >= each || all >= most) {
            return false;
        }
        open.put(source, had + 1);
        all++;
        return true;
    }

    synchronized void leave(InetAddress address) {
        open.computeIfPresent(source(address), (_, had) -> had == 1 ? null : had - 1);
        all--;
    }

    private static String source(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean site = address instanceof Inet6Address && !address.isLoopbackAddress();
        return HexFormat.of().formatHex(site ? Arrays.copyOf(bytes, SITE_BYTES) : bytes);
    }
}
