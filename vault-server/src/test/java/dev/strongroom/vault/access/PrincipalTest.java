package dev.strongroom.vault.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrincipalTest {
    @Test
    void readsWhatItWrote() {
        for (Principal principal :
                new Principal[] {
                    new Principal("acme", AccessRole.OWNER, "alice"),
                    new Principal("acme", AccessRole.NODE, "n-1"),
                    new Principal(Principal.WHOLE_VAULT, AccessRole.OPERATOR, "first"),
                    new Principal(Principal.WHOLE_VAULT, AccessRole.AUDITOR, "a")
                }) {
            assertThat(Principal.ofUri(principal.uri())).contains(principal);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "spiffe://strongroom/acme/owner/",
                "spiffe://strongroom/acme/owner/alice/more",
                "spiffe://strongroom/acme/king/alice",
                "spiffe://strongroom/acme/OWNER/alice",
                "spiffe://strongroom/ACME/owner/alice",
                "spiffe://elsewhere/acme/owner/alice",
                "spiffe://strongroom/acme/operator/alice",
                "spiffe://strongroom/-/owner/alice",
                "spiffe://strongroom/-/node/alice",
                "spiffe://strongroom/acme%2f/owner/alice",
                "spiffe://strongroom/acme/owner/alice\n"
            })
    void refusesEverythingElse(String uri) {
        assertThat(Principal.ofUri(uri)).isEmpty();
    }
}
