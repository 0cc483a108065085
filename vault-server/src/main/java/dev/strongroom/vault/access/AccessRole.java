package dev.strongroom.vault.access;

import java.util.Locale;
import java.util.Optional;

/** What a certificate lets its holder be. */
public enum AccessRole {
    /** Publishes models and policies of one tenant. */
    OWNER,
    /** Runs the vault; sees every tenant's names and no key. */
    OPERATOR,
    /** A serving node of one tenant. */
    NODE,
    /** Calls nodes of one tenant. */
    CONSUMER,
    /** Reads the audit log, of one tenant or of the whole vault. */
    AUDITOR;

    /** The name in certificates and requests. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<AccessRole> ofLabel(String label) {
        for (AccessRole role : values()) {
            if (role.label().equals(label)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
