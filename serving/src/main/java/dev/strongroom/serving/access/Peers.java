package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.access.Peer.Admitted;
import dev.strongroom.serving.infer.Caller;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once at each connection's certificate, and counts the connections of each identity over all
 * transports together.
 *
 * <p>Thread-safe.
 */
public final class Peers {
    private static final Logger LOG = LoggerFactory.getLogger(Peers.class);
    private static final Duration FAREWELL = Duration.ofSeconds(10); // of who may stay no longer

    private final AtomicLong numbers = new AtomicLong();
    private final Supplier<List<X509Certificate>> authorities;
    private final LiveLimits limits;
    private final Set<Peer> open = new LinkedHashSet<>(); // the oldest first
    private final Map<String, Integer> counts = new HashMap<>(); // of admitted ones, by identity

    /**
     * @param authorities that certificates of clients come from now
     * @param limits of each identity, and addresses that may connect
     */
    Peers(Supplier<List<X509Certificate>> authorities, LiveLimits limits) {
        this.authorities = authorities;
        this.limits = limits;
        limits.follow(this::judgeAnew);
    }

    /**
     * A connection begins.
     *
     * @param certificate of the client, whose chain was verified
     * @param from empty where the transport has no addresses
     * @param retire ends it with its calls under way, and after so long in any case; called by any
     *     thread, at a revision of the rules
     */
    public Peer enter(
            Optional<X509Certificate> certificate,
            Optional<InetAddress> from,
            Consumer<Duration> retire) {
        var peer =
                new Peer(
                        certificate.map(Peers::key),
                        certificate.flatMap(known -> caller(known, from)),
                        from,
                        retire);
        synchronized (this) {
            open.add(peer);
            admit(peer);
        }
        return peer;
    }

    /** A connection that {@link #enter} saw has ended; once for each. */
    public synchronized void leave(Peer peer) {
        if (open.remove(peer) && peer.admitted() == Admitted.YES) {
            peer.caller()
                    .ifPresent(caller ->
                            counts.computeIfPresent(
                                    caller.identity(), (_, had) -> had == 1 ? null : had - 1));
        }
    }

    /**
     * By the rules in force. Calls over a connection that they forbid are refused from now on, and
     * it ends; so does one that was refused before, which may come again.
     */
    private void judgeAnew() {
        List<Peer> over;
        synchronized (this) {
            List<Peer> stayed =
                    open.stream().filter(peer -> peer.admitted() == Admitted.YES).toList();
            counts.clear();
            stayed.forEach(this::admit);
            over = open.stream().filter(peer -> peer.admitted() != Admitted.YES).toList();
        }
        if (!over.isEmpty()) {
            LOG.info("connections.dismissed count={} by the output policy in force", over.size());
        }
        Duration grace = limits.now().grace();
        over.forEach(peer -> peer.retire(FAREWELL.compareTo(grace) < 0 ? FAREWELL : grace));
    }

    private void admit(Peer peer) {
        peer.become(verdict(peer));
        if (peer.admitted() == Admitted.YES) {
            peer.caller().ifPresent(caller -> counts.merge(caller.identity(), 1, Integer::sum));
        }
    }

    private Admitted verdict(Peer peer) {
        ConnectionLimits now =
                peer.caller().map(caller -> limits.now(caller.tenant())).orElseGet(limits::now);
        if (peer.from().isPresent() && !now.admits().test(peer.from().get())) {
            return Admitted.ADDRESS_DENIED;
        }
        int others =
                peer.caller().map(caller -> counts.getOrDefault(caller.identity(), 0)).orElse(0);
        return others >= now.perIdentity() ? Admitted.TOO_MANY : Admitted.YES;
    }

    private static Digest key(X509Certificate certificate) {
        return Digest.sha256(certificate.getPublicKey().getEncoded());
    }

    private Optional<Caller> caller(X509Certificate certificate, Optional<InetAddress> from) {
        return PeerIdentity.of(certificate)
                .map(identity ->
                        new Caller(
                                identity.tenant(),
                                identity.role(),
                                identity.name(),
                                key(certificate).hex(),
                                issuer(certificate),
                                identity.group(),
                                from.map(InetAddress::getHostAddress).orElse(""),
                                numbers.incrementAndGet()));
    }

    private String issuer(X509Certificate certificate) {
        for (X509Certificate authority : authorities.get()) {
            try {
                certificate.verify(authority.getPublicKey());
                return Digest.sha256(authority.getPublicKey().getEncoded()).hex();
            } catch (GeneralSecurityException e) {
                // another one issued it
            }
        }
        return "";
    }
}
