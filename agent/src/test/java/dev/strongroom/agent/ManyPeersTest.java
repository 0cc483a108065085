package dev.strongroom.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** Somebody has many addresses and wants nobody else to be served. */
class ManyPeersTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final String HONEST = "ip4:192.0.2.7";

    private Instant now = START;
    private final InstantSource clock = () -> now;

    @Test
    void noNumberOfChallengesTakesAnybodysRoom() {
        var nonces = new Nonces(clock, new SecureRandom());
        Nonces.Issued first = nonces.issue(HONEST);
        for (int i = 0; i < 50_000; i++) {
            nonces.issue(address(i));
        }
        assertThat(nonces.find(HONEST, first.nonce())).contains(first.notAfter());
        Nonces.Issued last = nonces.issue(HONEST);
        assertThat(nonces.find(HONEST, last.nonce())).isPresent();
    }

    @Test
    void aNonceIsForOnePeerForTwoMinutesAndForOneRelease() {
        var nonces = new Nonces(clock, new SecureRandom());
        Nonces.Issued issued = nonces.issue(HONEST);
        assertThat(nonces.find(address(1), issued.nonce())).isEmpty();
        for (int i = 0; i < issued.nonce().length * 8; i++) {
            byte[] changed = issued.nonce().clone();
            changed[i / 8] ^= (byte) (1 << i % 8);
            assertThat(nonces.find(HONEST, changed)).as("bit %d", i).isEmpty();
        }
        assertThat(new Nonces(clock, new SecureRandom()).find(HONEST, issued.nonce())).isEmpty();
        assertThat(nonces.spend(issued.nonce(), issued.notAfter())).isTrue();
        assertThat(nonces.find(HONEST, issued.nonce())).isEmpty();
        assertThat(nonces.spend(issued.nonce(), issued.notAfter())).isFalse();

        Nonces.Issued second = nonces.issue(HONEST);
        now = START.plus(Nonces.VALIDITY);
        assertThat(nonces.find(HONEST, second.nonce())).isPresent();
        now = now.plusMillis(1);
        assertThat(nonces.find(HONEST, second.nonce())).isEmpty();
        assertThat(nonces.spend(second.nonce(), second.notAfter())).isFalse();
        assertThat(nonces.spend(issued.nonce(), issued.notAfter())).as("once more").isFalse();
    }

    @Test
    void whoeverComesAfterTenThousandOthersIsCountedAndServed() {
        var pace = new PeerPace(30, Duration.ofMinutes(10), clock);
        for (int i = 0; i < 3 * Windows.MAX_NAMES; i++) {
            pace.step(address(i));
        }
        for (int i = 0; i < 30; i++) {
            assertThat(pace.step(HONEST)).isTrue();
        }
        assertThat(pace.step(HONEST)).isFalse();
    }

    /** 200 addresses of one network do what four may, and a neighbour still has a share. */
    @Test
    void manyAddressesOfOneNetworkGetTheShareOfFew() {
        var pace = new PeerPace(30, Duration.ofMinutes(10), clock);
        int passed = 0;
        for (int round = 0; round < 30; round++) {
            for (int host = 10; host < 210; host++) {
                passed += pace.step("ip4:192.0.2." + host) ? 1 : 0;
            }
        }
        assertThat(passed).isLessThanOrEqualTo(30 * 4 + 200 * 3);
        assertThat(pace.isExhausted(HONEST)).isFalse();
        assertThat(pace.step(HONEST)).isTrue();
        assertThat(pace.isExhausted("ip4:198.51.100.1")).isFalse();
        now = START.plus(Duration.ofMinutes(10));
        assertThat(pace.isExhausted("ip4:192.0.2.10")).isFalse();
    }

    /** A site has 65,536 networks and gets what few peers may, not a share for each of them. */
    @Test
    void aSiteOfManyNetworksIsBounded() {
        var pace = new PeerPace(30, Duration.ofMinutes(10), clock);
        int passed = 0;
        for (int network = 0; network < 65_536; network++) {
            for (int i = 0; i < 3; i++) {
                passed += pace.step(network(network)) ? 1 : 0;
            }
        }
        assertThat(passed).isEqualTo(30 * 4 + 256 * 3);
        assertThat(pace.step("ip6:20010db800020001")).as("another site").isTrue();
    }

    @Test
    void whatIsRefusedTakesNothingFromNeighbours() {
        var pace = new PeerPace(30, Duration.ofMinutes(10), clock);
        for (int i = 0; i < 10_000; i++) {
            pace.step("ip4:192.0.2.66");
        }
        for (int i = 0; i < 30; i++) {
            assertThat(pace.step(HONEST)).isTrue();
        }
    }

    @Test
    void oneSiteCannotTakeAllTheRoom() {
        var room = new Room();
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            taken += room.enter(network(i)) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(4);
        assertThat(room.enter(HONEST)).isTrue();
        room.leave(network(0));
        assertThat(room.enter(network(99))).isTrue();
    }

    private static String network(int number) {
        return "ip6:20010db80001%04x".formatted(number);
    }

    @Test
    void onePeerCannotTakeAllTheRoom() {
        var room = new Room();
        while (room.enter(address(1))) {
            // as long as it gets in
        }
        assertThat(room.enter(HONEST)).isTrue();
        room.leave(HONEST);
        room.leave(address(1));
        assertThat(room.enter(address(1))).isTrue();
        assertThat(room.enter(address(1))).isFalse();
    }

    @Test
    void addressesAreOfOneNeighbourhoodByTheirNetwork() throws Exception {
        assertThat(neighbourhood("192.0.2.7")).isEqualTo(neighbourhood("192.0.2.200"));
        assertThat(neighbourhood("192.0.2.7")).isNotEqualTo(neighbourhood("192.0.3.7"));
        assertThat(neighbourhood("2001:db8:1:2::1")).isEqualTo(neighbourhood("2001:db8:1:ff::9"));
        assertThat(neighbourhood("2001:db8:1:2::1")).isNotEqualTo(neighbourhood("2001:db8:2:2::1"));
    }

    private static String neighbourhood(String address) throws Exception {
        return Peer.neighbourhood(
                Peer.name(new InetSocketAddress(InetAddress.getByName(address), 1)));
    }

    /** Each of another network. */
    private static String address(int number) {
        return "ip4:10.%d.%d.1".formatted(number / 256 % 256, number % 256);
    }
}
