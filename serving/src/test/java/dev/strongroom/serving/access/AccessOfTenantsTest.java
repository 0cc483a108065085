package dev.strongroom.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who connects is held to the rules of his own tenant's models. */
class AccessOfTenantsTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final TestAuthority ca = new TestAuthority();
    private final Map<String, ConnectionLimits> rules =
            Map.of("acme", limits(2, "10.0.0.1"), "globex", limits(1, "10.0.0.2"));
    private final Peers peers =
            new Peers(
                    () -> List.of(ca.certificate()),
                    new LiveLimits(
                            () -> limits(1, "none"),
                            tenant -> rules.getOrDefault(tenant, limits(1, "none"))));

    private static ConnectionLimits limits(int perIdentity, String address) {
        return new ConnectionLimits(
                LONG, LONG, LONG, perIdentity, from -> from.getHostAddress().equals(address));
    }

    /** Where it is not known yet who is there, nobody's rules shut out somebody else's callers. */
    @Test
    void aStrangerIsHeldToWhatSomeTenantsCallersMay() throws Exception {
        ConnectionLimits any =
                ConnectionLimits.ofAny(
                        List.of(
                                new ConnectionLimits(
                                        SHORT, LONG, SHORT, 1, from -> is(from, "10.0.0.1")),
                                new ConnectionLimits(
                                        LONG, SHORT, LONG, 3, from -> is(from, "10.0.0.2"))));
        assertThat(List.of(any.idle(), any.age(), any.grace())).containsOnly(LONG);
        assertThat(any.perIdentity()).isEqualTo(3);
        assertThat(any.admits().test(InetAddress.getByName("10.0.0.1"))).isTrue();
        assertThat(any.admits().test(InetAddress.getByName("10.0.0.2"))).isTrue();
        assertThat(any.admits().test(InetAddress.getByName("10.0.0.3"))).isFalse();
        assertThat(
                        ConnectionLimits.ofAny(List.of())
                                .admits()
                                .test(InetAddress.getLoopbackAddress()))
                .isTrue();
    }

    private static boolean is(InetAddress from, String address) {
        return from.getHostAddress().equals(address);
    }

    private Peer.Admitted connect(String tenant, String address) throws Exception {
        X509Certificate certificate = ca.client(tenant, "consumer").chain().getFirst();
        return peers.enter(
                        Optional.of(certificate),
                        Optional.of(InetAddress.getByName(address)),
                        _ -> {})
                .admitted();
    }

    @Test
    void oneTenantsRulesNeitherAdmitNorShutOutAnothersCallers() throws Exception {
        assertThat(connect("acme", "10.0.0.1")).isEqualTo(Peer.Admitted.YES);
        assertThat(connect("acme", "10.0.0.2")).isEqualTo(Peer.Admitted.ADDRESS_DENIED);
        assertThat(connect("globex", "10.0.0.2")).isEqualTo(Peer.Admitted.YES);
        assertThat(connect("globex", "10.0.0.1")).isEqualTo(Peer.Admitted.ADDRESS_DENIED);
        assertThat(connect("acme", "10.0.0.1")).isEqualTo(Peer.Admitted.YES);
        assertThat(connect("globex", "10.0.0.2")).isEqualTo(Peer.Admitted.TOO_MANY);
        assertThat(connect("initech", "10.0.0.1")).isEqualTo(Peer.Admitted.ADDRESS_DENIED);
    }
}
