package dev.strongroom.serving;

import java.util.Map;

/** Settings of libraries that they read once, from system properties. */
final class ProcessSettings {
    private static final Map<String, String> SETTINGS =
            Map.of(
                    // Events go to standard error.
                    "logback.configurationFile", "strongroom-node-logback.xml",
                    // Sockets by the JDK: no native library is unpacked into the temporary folder.
                    "io.grpc.netty.shaded.io.netty.transport.noNative", "true",
                    // No flight recorder: nobody may record this process, and asking costs a tenth
                    // of a second of its start.
                    "io.grpc.netty.shaded.io.netty.jfr.enabled", "false",
                    "io.netty.jfr.enabled", "false",
                    // Whom this process trusts is said where it connects and listens; public
                    // authorities are in none of those places, and need not be read.
                    "javax.net.ssl.trustStore", "NONE");

    private ProcessSettings() {}

    /** Applies them, but for what the operator has set. Before the first use of a library. */
    static void apply() {
        SETTINGS.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
    }
}
