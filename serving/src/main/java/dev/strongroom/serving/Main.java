package dev.strongroom.serving;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guests;

/** The production node: evidence from this machine's hardware, the vendors' pinned roots. */
public final class Main {
    private Main() {}

    /** See {@link NodeCommand}. */
    public static void main(String[] arguments) {
        var command =
                new NodeCommand(Guests.detect(), TrustAnchors.vendors(), System.out, System.err);
        System.exit(command.run(arguments));
    }
}
