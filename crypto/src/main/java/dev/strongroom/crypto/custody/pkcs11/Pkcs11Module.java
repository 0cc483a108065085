package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.TrustLevel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which module to load and what is said about it.
 *
 * @param library the PKCS#11 library
 * @param profile how to treat it; without one the module's manufacturer decides
 * @param level what the operator vouches for; a generic module's only
 * @param parameters what NSS wants to be initialised with; no other module takes any
 */
public record Pkcs11Module(
        Path library,
        Optional<ProfileName> profile,
        Optional<TrustLevel> level,
        Optional<String> parameters) {
    /** A module that its manufacturer's name identifies. */
    public static Pkcs11Module at(Path library) {
        return new Pkcs11Module(library, Optional.empty(), Optional.empty(), Optional.empty());
    }
}
