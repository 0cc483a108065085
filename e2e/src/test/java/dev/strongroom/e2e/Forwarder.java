package dev.strongroom.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Whoever sits on the line and passes every byte on, both ways. Closing ends it. */
final class Forwarder implements AutoCloseable {
    private final ServerSocket listening;
    private final String host;
    private final int port;

    /**
     * @param target {@code host:port}
     */
    Forwarder(String target) throws IOException {
        int colon = target.lastIndexOf(':');
        this.host = target.substring(0, colon);
        this.port = Integer.parseInt(target.substring(colon + 1));
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    private void accept() {
        while (true) {
            try {
                Socket from = listening.accept();
                var to = new Socket(host, port);
                Thread.ofVirtual().start(() -> pass(from, to));
                Thread.ofVirtual().start(() -> pass(to, from));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void pass(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException gone) {
            // one side ended; closing ends the other
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
