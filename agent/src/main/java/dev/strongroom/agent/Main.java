package dev.strongroom.agent;

import dev.strongroom.attestation.TrustAnchors;

/** The agent's process. */
public final class Main {
    private Main() {}

    /** See {@link AgentCommand}. */
    public static void main(String[] arguments) {
        System.exit(
                new AgentCommand(TrustAnchors.vendors(), System.out, System.err).run(arguments));
    }
}
