package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.Rate;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rate for each source address, IPv6 by its /64. Of many addresses only those are forgotten whose
 * rows have all come back; those that find no room share one rate.
 *
 * <p>Thread-safe.
 */
final class AddressRates {
    private static final int MOST = 65_536;
    private static final int SITE_BYTES = 8;

    private final Ticks clock;
    private @Nullable RowBucket strangers;
    private final Map<String, RowBucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    AddressRates(Ticks clock) {
        this.clock = clock;
    }

    synchronized RowBucket of(String address, Rate rate) {
        String site = site(address);
        RowBucket known = buckets.get(site);
        if (known == null && buckets.size() >= MOST) {
            var eldest = buckets.entrySet().iterator();
            if (!eldest.next().getValue().isFull()) {
                strangers = at(strangers, rate);
                return strangers;
            }
            eldest.remove();
        }
        RowBucket bucket = at(known, rate);
        buckets.put(site, bucket);
        return bucket;
    }

    private RowBucket at(@Nullable RowBucket known, Rate rate) {
        return known == null ? RowBucket.full(rate, clock) : known.at(rate);
    }

    private static String site(String address) {
        if (address.indexOf(':') >= 0
                && InetAddress.ofLiteral(address) instanceof Inet6Address v6) {
            return HexFormat.of().formatHex(Arrays.copyOf(v6.getAddress(), SITE_BYTES));
        }
        return address;
    }
}
