package dev.strongroom.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who takes whose place before anybody has said who he is. */
class ThresholdTest {
    private static final int PER_ADDRESS = 4; // and two strangers
    private static final Duration LONG = Duration.ofMinutes(1);

    private final AtomicInteger closed = new AtomicInteger();
    private final Door door = door();
    private final Threshold threshold = Threshold.of(door);

    @Test
    void strangersFromEverywhereFillNoPlaceOfTheKnown() throws Exception {
        for (int i = 0; i < 16 * PER_ADDRESS; i++) {
            var from = from("10.0.0." + i / PER_ADDRESS, i);
            assertThat(enter(from)).isPresent();
            threshold.recognise(from, "acme");
        }
        assertThat(closed).hasValue(0);
        List<Threshold.Entry> strangers = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            strangers.add(enter(from("192.0.2." + i / 2, i)).orElseThrow());
        }
        assertThat(enter(from("198.51.100.1", 1))).as("one stranger too many").isEmpty();
        strangers.getFirst().leave();
        strangers.getFirst().leave();
        assertThat(enter(from("198.51.100.1", 1))).isPresent();
        assertThat(enter(from("198.51.100.1", 2))).as("it left once").isEmpty();
    }

    @Test
    void whoIsKnownMakesRoomForStrangersAndIsCountedAmongTheKnown() throws Exception {
        for (int i = 0; i < PER_ADDRESS; i++) {
            assertThat(enter(from("10.0.0.1", i))).isPresent();
            threshold.recognise(from("10.0.0.1", i), "acme");
            threshold.recognise(from("10.0.0.1", i), "acme");
        }
        assertThat(closed).hasValue(0);
        assertThat(enter(from("10.0.0.1", 7))).isPresent();
        threshold.recognise(from("10.0.0.1", 7), "acme");
        assertThat(closed).as("one known too many").hasValue(1);
    }

    @Test
    void callersOfOneTenantFillNoPlaceOfAnothers() throws Exception {
        Threshold shared = Threshold.of(door(Set.of("acme", "globex")));
        for (int i = 0; i < 16 * PER_ADDRESS; i++) {
            var from = from("10.0.0." + i / PER_ADDRESS, i);
            Threshold.Entry entry = shared.enter(from, _ -> closed.incrementAndGet()).orElseThrow();
            shared.recognise(from, "acme");
            if (closed.getAndSet(0) > 0) {
                entry.leave(); // one too many of this address
            }
        }
        var theirs = from("10.0.0.1", 999);
        assertThat(shared.enter(theirs, _ -> closed.incrementAndGet())).isPresent();
        shared.recognise(theirs, "globex");
        assertThat(closed).hasValue(0);
    }

    @Test
    void anIpv6SiteIsOneAddress() throws Exception {
        assertThat(enter(from("2001:db8:7::1", 1))).isPresent();
        assertThat(enter(from("2001:db8:7:ff00::1", 1))).isPresent();
        assertThat(enter(from("2001:db8:7:1234::1", 1))).isEmpty();
        assertThat(enter(from("2001:db8:8::1", 1))).isPresent();
    }

    @Test
    void aStrangerIsClosedWhenHisTimeIsOverAndNobodyElseIs() throws Exception {
        assertThat(threshold.patience()).isLessThanOrEqualTo(Duration.ofSeconds(10));
        Threshold.Entry known = enter(from("10.0.0.1", 1)).orElseThrow();
        threshold.recognise(from("10.0.0.1", 1), "acme");
        known.expire();
        Threshold.Entry gone = enter(from("10.0.0.1", 2)).orElseThrow();
        gone.leave();
        gone.expire();
        assertThat(closed).hasValue(0);
        enter(from("10.0.0.1", 3)).orElseThrow().expire();
        assertThat(closed).hasValue(1);
    }

    /** As where a node listens on all of its addresses. */
    @Test
    void onePortOfAClientsOnTwoAddressesOfTheNodeIsTwoConnections() throws Exception {
        var one = ends("192.0.2.1", "10.0.0.1", 1);
        var other = ends("192.0.2.2", "10.0.0.1", 1);
        var ended = new ArrayList<Ends>();
        Threshold.Entry stranger = threshold.enter(one, _ -> ended.add(one)).orElseThrow();
        Threshold.Entry known = threshold.enter(other, _ -> ended.add(other)).orElseThrow();
        threshold.recognise(other, "acme");
        known.expire();
        assertThat(ended).isEmpty();
        stranger.expire();
        assertThat(ended).containsExactly(one);
        threshold.retire(other, LONG);
        assertThat(ended).containsExactly(one, other);
    }

    private Optional<Threshold.Entry> enter(Ends ends) {
        return threshold.enter(ends, _ -> closed.incrementAndGet());
    }

    private static Ends from(String address, int port) throws UnknownHostException {
        return ends("192.0.2.1", address, port);
    }

    private static Ends ends(String local, String remote, int port) throws UnknownHostException {
        return new Ends(
                new InetSocketAddress(InetAddress.getByName(local), 443),
                new InetSocketAddress(InetAddress.getByName(remote), port));
    }

    private static Door door() {
        return door(Set.of("acme"));
    }

    private static Door door(Set<String> tenants) {
        TestAuthority.Issued server = new TestAuthority().server();
        return Door.of(
                new LiveIdentity(server.key(), server.chain()),
                new WithdrawnKeys(),
                tenants,
                Tee.SIMULATED,
                TestLimits.connectionsPerAddress(ServingLimits.of(1 << 20, 1, 1), PER_ADDRESS),
                new LiveLimits(() -> new ConnectionLimits(LONG, LONG, LONG, 100, _ -> true)));
    }
}
