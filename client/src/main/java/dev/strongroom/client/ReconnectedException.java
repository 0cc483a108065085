package dev.strongroom.client;

import java.security.cert.CertificateException;

/** A channel was about to use another connection than the one its evidence speaks for. */
final class ReconnectedException extends CertificateException {
    private static final long serialVersionUID = 1L;

    ReconnectedException() {
        super("the connection that was attested has ended");
    }
}
