package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.Canonical;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What evidence of role serve speaks for beside keys and documents: a caller's nonce, on one TLS
 * channel or on any with the key that is named, or the lease after which it was made. Each kind is
 * hashed under a domain of its own, so that no caller can ask for one kind and get another.
 */
public final class ServingNonce {
    /** RFC 9266, tls-exporter. */
    private static final String EXPORTER_LABEL = "EXPORTER-Channel-Binding";

    private static final int EXPORTER_BYTES = 32;
    private static final String CHANNEL_DOMAIN = "strongroom/serving-nonce/channel";
    private static final String PEER_KEY_DOMAIN = "strongroom/serving-nonce/peer-key";
    private static final String LEASE_DOMAIN = "strongroom/serving-nonce/lease";

    private ServingNonce() {}

    /**
     * Ties a caller's nonce to the channel that he asks on.
     *
     * @param nonce 32 bytes, fresh
     * @param exporter of the channel's TLS session
     */
    public static byte[] onChannel(byte[] nonce, byte[] exporter) {
        return Digest.sha256(
                        Canonical.of(CHANNEL_DOMAIN, 1).bytes(nonce).bytes(exporter).toByteArray())
                .bytes();
    }

    /**
     * Takes a caller's nonce that is tied to no channel: the caller compares the peer's key.
     *
     * @param nonce 32 bytes, fresh
     */
    public static byte[] onPeerKey(byte[] nonce) {
        return Digest.sha256(Canonical.of(PEER_KEY_DOMAIN, 1).bytes(nonce).toByteArray()).bytes();
    }

    /**
     * Stands for the moment of a lease: who has it was given the lease, whose signature has the
     * vault's time in it.
     *
     * @param envelope the signed lease
     */
    public static byte[] afterLease(byte[] envelope) {
        return Digest.sha256(Canonical.of(LEASE_DOMAIN, 1).bytes(envelope).toByteArray()).bytes();
    }

    /**
     * What both ends of a TLS 1.3 session know and nobody between two sessions can make equal (RFC
     * 8446, section 7.5); empty where the TLS stack does not tell.
     */
    public static Optional<byte[]> exporter(@Nullable SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    extended.exportKeyingMaterialData(EXPORTER_LABEL, new byte[0], EXPORTER_BYTES));
        } catch (SSLKeyException | UnsupportedOperationException | IllegalStateException e) {
            return Optional.empty();
        }
    }
}
