package dev.strongroom.vault.decoy;

import dev.strongroom.vault.access.Visitor;
import java.util.Locale;

/** Somebody touched a decoy. */
record Touch(Visitor visitor, Decoy decoy, Word word) {
    /** Who says so. */
    enum Word {
        /** The vault saw the call itself. */
        OWN,
        /** A node says so, and of the address as well. */
        HEARSAY;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
