package dev.strongroom.crypto.custody.pkcs11;

import java.util.Locale;

/** The profiles that a configuration may name. */
public enum ProfileName {
    SOFTHSM2,
    /** For interoperability only: the module enforces little of what makes a token worth having. */
    NSS,
    /** Written from its documentation and never run against the device. */
    CLOUDHSM,
    /**
     * Mechanisms by their standard numbers; a software token unless the operator says otherwise.
     */
    GENERIC;

    /** The name in a configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
