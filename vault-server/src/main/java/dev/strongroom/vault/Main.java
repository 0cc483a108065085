package dev.strongroom.vault;

import dev.strongroom.attestation.TrustAnchors;

/** The production vault: believes the hardware vendors' pinned roots and nothing else. */
public final class Main {
    private Main() {}

    /** See {@link VaultCommand}. */
    public static void main(String[] arguments) {
        System.exit(
                new VaultCommand(TrustAnchors.vendors(), System.out, System.err).run(arguments));
    }
}
