package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;
import java.nio.file.Path;

/**
 * Which token to use.
 *
 * @param module the PKCS#11 library and its profile
 * @param tokenLabel label of the token, set when it was initialised
 * @param pin where the user PIN comes from; read once per login
 * @param keys who makes tenants' keys
 */
public record Pkcs11Config(Pkcs11Module module, String tokenLabel, PinSource pin, KeyOrigin keys) {
    /** A token of a module that its manufacturer's name identifies. */
    public Pkcs11Config(Path module, String tokenLabel, PinSource pin) {
        this(Pkcs11Module.at(module), tokenLabel, pin, KeyOrigin.VAULT);
    }
}
