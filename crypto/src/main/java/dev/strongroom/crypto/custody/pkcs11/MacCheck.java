package dev.strongroom.crypto.custody.pkcs11;

/** How a module can be asked whether a MAC is right. */
enum MacCheck {
    IN_TOKEN,
    /** NSS answers a wrong MAC like a broken device; so we have it made again and compare. */
    BY_COMPARISON
}
