package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.infer.Caller;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The other end of a connection. Whether calls over it are taken changes with the owner's rules.
 *
 * <p>Thread-safe.
 */
public final class Peer {
    private final Optional<Digest> key;
    private final Optional<Caller> caller;
    private final Optional<InetAddress> from;
    private final Consumer<Duration> retire;
    private volatile Admitted admitted = Admitted.YES;

    /** Whether calls over a connection are taken. */
    public enum Admitted {
        YES,
        /** The policy takes none from this address. */
        ADDRESS_DENIED,
        /** The identity has as many connections as it may have. */
        TOO_MANY
    }

    /**
     * @param key digest of the certificate's SubjectPublicKeyInfo; empty without a certificate
     * @param caller empty if the certificate names no identity of this vault
     * @param from empty where the transport has no addresses
     * @param retire ends the connection with its calls under way, and after so long in any case
     */
    Peer(
            Optional<Digest> key,
            Optional<Caller> caller,
            Optional<InetAddress> from,
            Consumer<Duration> retire) {
        this.key = key;
        this.caller = caller;
        this.from = from;
        this.retire = retire;
    }

    /** Of a transport that does not know who calls. */
    public static Peer anonymous() {
        return new Peer(Optional.empty(), Optional.empty(), Optional.empty(), _ -> {});
    }

    Optional<Digest> key() {
        return key;
    }

    public Optional<Caller> caller() {
        return caller;
    }

    /** Of the certificate; empty without one that names any. */
    public String tenant() {
        return caller.map(Caller::tenant).orElse("");
    }

    Optional<InetAddress> from() {
        return from;
    }

    Admitted admitted() {
        return admitted;
    }

    void become(Admitted next) {
        admitted = next;
    }

    void retire(Duration within) {
        retire.accept(within);
    }
}
