package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.Rate;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Rates of callers and of source addresses (IPv6 by its /64) at all models of one owner on a node
 * together, so that nobody has them once for each model. They go by the strictest policy under
 * which somebody called since one of the owner's policies last changed, until his rows have all
 * come back; another owner's callers have their own. Addresses that find no room share one rate;
 * callers that find none have each model's own only.
 *
 * <p>Thread-safe.
 */
public final class NodeRates {
    private static final int SITE_BYTES = 8;
    private static final int MOST = 65_536; // some 30 MB of either

    private final Ticks clock;
    private final StrictRates<Long> callers;
    private final StrictRates<String> strangers;
    private final StrictRates<String> addresses;

    public NodeRates(Ticks clock) {
        this.clock = clock;
        this.callers = new StrictRates<>(clock, MOST);
        this.addresses = new StrictRates<>(clock, MOST);
        this.strangers = new StrictRates<>(clock, 1);
    }

    /** Another policy of one of the owner's models is in force. */
    public void revise() {
        callers.revise();
        addresses.revise();
        strangers.revise();
    }

    /**
     * Of one caller.
     *
     * @param id of {@link Accounts#id}
     * @param rate that the policy at hand gives him
     */
    Optional<RowBucket> caller(long id, Rate rate) {
        return callers.of(id, rate);
    }

    /**
     * Of one source address.
     *
     * @param rate of the policy at hand
     */
    RowBucket address(String address, Rate rate) {
        return addresses.of(site(address), rate).or(() -> strangers.of("", rate)).orElseThrow();
    }

    Ticks clock() {
        return clock;
    }

    private static String site(String address) {
        if (address.indexOf(':') >= 0
                && InetAddress.ofLiteral(address) instanceof Inet6Address v6) {
            return HexFormat.of().formatHex(Arrays.copyOf(v6.getAddress(), SITE_BYTES));
        }
        return address;
    }
}
