package dev.strongroom.serving;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** A node in a virtual machine that was started without a node's options. */
final class UnfitNodeProcess {
    private UnfitNodeProcess() {}

    public static void main(String[] arguments) {
        var chip = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        var guest = chip.guest(ChipConfig.launch(new byte[48], new byte[32]));
        System.exit(
                new NodeCommand(Optional.of(guest), TrustAnchors.vendors(), System.out, System.err)
                        .run(arguments));
    }
}
