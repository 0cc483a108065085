/**
 * A mark in the weights that tells one recipient's copy from every other's. Nothing but the JDK.
 */
module dev.strongroom.fingerprint {
    requires static org.jspecify;

    exports dev.strongroom.fingerprint;
}
