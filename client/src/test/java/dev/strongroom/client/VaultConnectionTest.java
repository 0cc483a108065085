package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.VaultIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may answer in the vault's name, over real TLS: everybody can pass on its identity. */
class VaultConnectionTest {
    private static final TrustAnchors ANCHORS = TrustAnchors.vendors();

    @TempDir private Path folder;
    private TestCertificates present;
    private TestCertificates retired;
    private TestVault vault;
    private Profile profile;

    @BeforeEach
    void rotated() throws Exception {
        present = new TestCertificates();
        retired = new TestCertificates();
        vault = new TestVault(ANCHORS, present.certificate().getEncoded());
        profile = present.profile(folder);
        Files.write(
                profile.certificateAuthority(),
                Pem.ofCertificates(
                        List.of(
                                present.certificate().getEncoded(),
                                retired.certificate().getEncoded())));
    }

    /** ca.pem still has both; only the ceremony key's word says which of them counts. */
    @Test
    void refusesWhoeverHasTheKeyOfARetiredAuthority() throws Exception {
        assertThatThrownBy(() -> identify(retired))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("CA that the pinned ceremony key does not name");
        assertThat(Pem.readCertificates(profile.certificateAuthority())).hasSize(2);
    }

    @Test
    void keepsTheAuthoritiesThatTheCeremonyKeyNamesAndNoOthers() throws Exception {
        assertThat(identify(present).number()).isEqualTo(1);
        assertThat(Pem.readCertificates(profile.certificateAuthority()))
                .containsExactly(present.certificate());
        assertThatThrownBy(() -> identify(retired)).hasMessageContaining("UNAVAILABLE");
    }

    private VaultIdentity identify(TestCertificates issuer) throws Exception {
        try (var server = new VaultServer(vault, issuer, present);
                var connection = VaultConnection.open(profile, server.address())) {
            return connection.identify(vault.pin(), ANCHORS);
        }
    }
}
