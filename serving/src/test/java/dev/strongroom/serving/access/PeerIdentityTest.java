package dev.strongroom.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerIdentityTest {
    private static final String EVE = "spiffe://strongroom/acme/consumer/eve";

    @Test
    void theOrganisationOfTheSubjectIsTheGroup() {
        var authority = new TestAuthority();
        X509Certificate declared = authority.member(EVE, "labs-7").chain().getFirst();
        assertThat(PeerIdentity.of(declared).map(PeerIdentity::group)).contains("labs-7");
        X509Certificate none = authority.client(EVE).chain().getFirst();
        assertThat(PeerIdentity.of(none).map(PeerIdentity::group)).contains("acme/consumer/eve");
        assertThat(PeerIdentity.of(none).flatMap(PeerIdentity::declared)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "O=labs,CN=eve | labs",
                "CN=eve,O=labs | labs",
                "CN=eve+O=labs | labs",
                "CN=eve\\,O=labs | acme/consumer/eve",
                "CN=eve\\+O=labs | acme/consumer/eve",
                "OU=labs,CN=eve | acme/consumer/eve",
                "O=acme/consumer/bob,CN=eve | acme/consumer/eve",
                "O=Labs,CN=eve | acme/consumer/eve",
                "O=labs\\,x,CN=eve | acme/consumer/eve",
                "CN=eve | acme/consumer/eve"
            })
    void nothingElseIs(String subject, String group) {
        assertThat(PeerIdentity.parse(EVE, subject).map(PeerIdentity::group))
                .isEqualTo(Optional.of(group));
    }
}
