package dev.strongroom.serving.infer;

/**
 * Who asks, as his connection proved it.
 *
 * @param tenant of his certificate
 * @param role lower case
 * @param name of the identity
 * @param source address of the peer, without a port; empty where the transport has none
 * @param connection a number of the connection's own, the same for all its calls
 */
public record Caller(String tenant, String role, String name, String source, long connection) {}
