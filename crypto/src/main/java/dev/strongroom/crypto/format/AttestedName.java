package dev.strongroom.crypto.format;

/**
 * The server name by which a caller asks a node for the certificate that carries its evidence. It
 * is never resolved: the top-level domain is reserved. Callers who ask for any other name are shown
 * the certificate of the vault's authority.
 */
public final class AttestedName {
    private static final String PREFIX = "attested.";
    private static final String SUFFIX = ".node.strongroom.internal";

    private AttestedName() {}

    public static String of(TenantName tenant) {
        return PREFIX + tenant + SUFFIX;
    }

    /** True for the name of any tenant. */
    public static boolean matches(String serverName) {
        return serverName.startsWith(PREFIX) && serverName.endsWith(SUFFIX);
    }
}
