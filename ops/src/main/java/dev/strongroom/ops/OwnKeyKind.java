package dev.strongroom.ops;

import java.util.Locale;

/** Those of the vault's own keys that can be replaced. */
enum OwnKeyKind {
    SIGNING,
    CA,
    TLS;

    /** The name that the vault knows it by. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
