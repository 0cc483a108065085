package dev.strongroom.serving.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Both ends of a connection, which tell it from every other. One alone does not: where a node
 * listens on several addresses, one port of a client's may be connected to each.
 */
public record Ends(InetSocketAddress local, InetSocketAddress remote) {
    /** Where it comes from. */
    public InetAddress from() {
        return remote.getAddress();
    }
}
