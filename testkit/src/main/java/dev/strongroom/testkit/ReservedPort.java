package dev.strongroom.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A loopback port for a server that is to be named before it runs, or that comes back at its old
 * address. The port is bound and not listened at: so the kernel gives it to nobody who asks for any
 * port, while a server that asks for this one, as servers do with SO_REUSEADDR, gets it (ip(7),
 * socket(7)). Closing gives it back.
 */
public final class ReservedPort implements AutoCloseable {
    private final Socket bound = new Socket();

    public ReservedPort() {
        try {
            bound.setReuseAddress(true);
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int number() {
        return bound.getLocalPort();
    }

    @Override
    public void close() {
        try {
            bound.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
