package dev.strongroom.client;

import java.security.cert.CertificateException;

/** A peer showed another TLS key than the one its evidence speaks for. */
final class PeerKeyChangedException extends CertificateException {
    private static final long serialVersionUID = 1L;

    PeerKeyChangedException() {
        super("the peer's TLS key is not the one of the first handshake");
    }
}
