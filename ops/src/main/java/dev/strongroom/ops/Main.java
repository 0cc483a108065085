package dev.strongroom.ops;

import dev.strongroom.attestation.TrustAnchors;

/** The production command line: believes the hardware vendor's roots and nothing else. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new StrongroomCommand(TrustAnchors.vendors()).execute(args));
    }
}
