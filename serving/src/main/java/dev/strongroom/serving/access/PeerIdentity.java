package dev.strongroom.serving.access;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a client certificate says its holder is.
 *
 * @param tenant {@code -} for identities of the whole vault
 * @param role lower case
 * @param name of the identity
 * @param declared the group that the vault's operator gave him with others, if he did
 */
record PeerIdentity(String tenant, String role, String name, Optional<String> declared) {
    private static final int SAN_URI = 6; // GeneralName tag of RFC 5280
    private static final Pattern FORM =
            Pattern.compile(
                    "spiffe://strongroom/(-|[a-z0-9-]{1,63})/([a-z]{1,16})/([A-Za-z0-9._-]{1,63})");

    /** In a name as RFC 2253 writes it, where commas of values are escaped. */
    private static final Pattern ORGANISATION =
            Pattern.compile("(?:^|(?<!\\\\)[,+])O=([a-z0-9-]{1,63})(?=$|[,+])");

    /** The one identity of a certificate whose chain was verified; none if it names several. */
    static Optional<PeerIdentity> of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null) {
                return Optional.empty();
            }
            List<String> uris =
                    names.stream()
                            .filter(name -> name.getFirst().equals(SAN_URI))
                            .map(name -> (String) name.get(1))
                            .toList();
            return uris.size() == 1
                    ? parse(uris.getFirst(), certificate.getSubjectX500Principal().getName())
                    : Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }

    /**
     * @param uri of the certificate
     * @param subject of the certificate, as RFC 2253 writes it
     */
    static Optional<PeerIdentity> parse(String uri, String subject) {
        Matcher matcher = FORM.matcher(uri);
        return matcher.matches()
                ? Optional.of(
                        new PeerIdentity(
                                matcher.group(1),
                                matcher.group(2),
                                matcher.group(3),
                                group(subject)))
                : Optional.empty();
    }

    private static Optional<String> group(String subject) {
        Matcher organisation = ORGANISATION.matcher(subject);
        return organisation.find() ? Optional.of(organisation.group(1)) : Optional.empty();
    }

    /** Who shares what a group has; whoever was given none is a group of his own. */
    String group() {
        return declared.orElse(tenant + '/' + role + '/' + name);
    }
}
