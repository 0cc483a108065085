package dev.strongroom.client;

import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * The name in a profile's own certificate, {@code spiffe://strongroom/TENANT/ROLE/NAME}. It says
 * what to expect of the vault; what this identity may do is for the vault to decide.
 */
record OwnName(String uri) {
    private static final int URI_NAME = 6; // of GeneralName, RFC 5280
    private static final String OF_NO_TENANT = "spiffe://strongroom/-/";

    static OwnName of(Profile profile) throws ClientException, IOException {
        X509Certificate leaf = Pem.readCertificates(profile.certificate()).getFirst();
        return names(leaf).stream()
                .filter(name -> Objects.equals(name.getFirst(), URI_NAME))
                .map(name -> new OwnName(String.valueOf(name.getLast())))
                .findFirst()
                .orElseThrow(() -> unnamed(profile));
    }

    private static Collection<List<?>> names(X509Certificate leaf) {
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static ClientException unnamed(Profile profile) {
        return ClientException.local(
                profile.certificate() + " names nobody",
                "create the identity again: strongroom identity create");
    }

    /**
     * Whether it belongs to one tenant, and not to the whole vault as operators and auditors do.
     */
    boolean isOfTenant() {
        return !uri.startsWith(OF_NO_TENANT);
    }

    @Override
    public String toString() {
        return uri;
    }
}
