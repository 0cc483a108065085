package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CapabilityReport;

/**
 * What one login gave. The module's next initialisation ends it: its session and object handles
 * mean nothing then, or something else, and are not given back.
 */
record Connection(SessionLeases sessions, SunSigners signers, CapabilityReport capabilities) {
    /** Logs out and gives everything back; for a module that was not initialised since. */
    void close() {
        sessions.closeAfter(signers::close);
    }
}
