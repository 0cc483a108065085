package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.access.Peer.Admitted;
import dev.strongroom.serving.infer.Caller;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks once at each connection's certificate, and counts the connections of each identity over all
 * transports together.
 *
 * <p>Thread-safe.
 */
public final class Peers {
    private static final Pattern ORGANISATION =
            Pattern.compile("(?:^|[,+])O=((?:[^,+\\\\]|\\\\.){1,128})");

    private final AtomicLong numbers = new AtomicLong();
    private final Supplier<List<X509Certificate>> authorities;
    private final ConnectionLimits limits;
    private final Map<String, Integer> open = new HashMap<>(); // connections of each identity

    /**
     * @param authorities that certificates of clients come from now
     * @param limits of each identity, and addresses that may connect
     */
    Peers(Supplier<List<X509Certificate>> authorities, ConnectionLimits limits) {
        this.authorities = authorities;
        this.limits = limits;
    }

    /**
     * A connection begins.
     *
     * @param certificate of the client, whose chain was verified
     * @param from empty where the transport has no addresses
     */
    public Peer enter(Optional<X509Certificate> certificate, Optional<InetAddress> from) {
        Peer peer = certificate.map(known -> peer(known, from)).orElse(Peer.ANONYMOUS);
        if (from.isPresent() && !limits.admits().test(from.get())) {
            return peer.but(Admitted.ADDRESS_DENIED);
        }
        return peer.caller().isEmpty() || entered(peer.caller().get())
                ? peer
                : peer.but(Admitted.TOO_MANY);
    }

    /** A connection that {@link #enter} saw has ended; once for each. */
    public void leave(Peer peer) {
        if (peer.admitted() == Admitted.YES) {
            peer.caller().ifPresent(this::left);
        }
    }

    private Peer peer(X509Certificate certificate, Optional<InetAddress> from) {
        Digest key = Digest.sha256(certificate.getPublicKey().getEncoded());
        return new Peer(
                Optional.of(key),
                PeerIdentity.of(certificate)
                        .map(identity ->
                                new Caller(
                                        identity.tenant(),
                                        identity.role(),
                                        identity.name(),
                                        key.hex(),
                                        issuer(certificate),
                                        group(certificate).orElse(identity.tenant()),
                                        from.map(InetAddress::getHostAddress).orElse(""),
                                        numbers.incrementAndGet())),
                Admitted.YES);
    }

    private boolean entered(Caller caller) {
        synchronized (open) {
            int count = open.getOrDefault(caller.identity(), 0);
            if (count >= limits.perIdentity()) {
                return false;
            }
            open.put(caller.identity(), count + 1);
            return true;
        }
    }

    private void left(Caller caller) {
        synchronized (open) {
            open.computeIfPresent(caller.identity(), (_, had) -> had == 1 ? null : had - 1);
        }
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

    private static Optional<String> group(X509Certificate certificate) {
        Matcher organisation =
                ORGANISATION.matcher(certificate.getSubjectX500Principal().getName());
        return organisation.find() ? Optional.of(organisation.group(1)) : Optional.empty();
    }
}
