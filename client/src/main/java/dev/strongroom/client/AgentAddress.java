package dev.strongroom.client;

import dev.strongroom.attestation.Digest;

/**
 * An owner's agent and where it is.
 *
 * @param id SHA-256 of its TLS key, as {@code agent init} printed it
 * @param hostAndPort {@code host:port}
 */
public record AgentAddress(Digest id, String hostAndPort) {
    private static final String FORM =
            "[0-9a-f]{64}@(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+):[0-9]{1,5}";

    /**
     * Reads {@code ID@HOST:PORT}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static AgentAddress parse(String text) {
        if (!text.matches(FORM)) {
            throw new IllegalArgumentException("agent: expected ID@HOST:PORT");
        }
        int at = text.indexOf('@');
        return new AgentAddress(new Digest(text.substring(0, at)), text.substring(at + 1));
    }

    @Override
    public String toString() {
        return id + "@" + hostAndPort;
    }
}
