package dev.strongroom.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.peer.ClientKey;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.SecureRandom;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientKeyTest {
    private static final String[] KEY_TYPES = {"RSASSA-PSS", "EC"};

    private final KeyPair pair = P256.newKeyPair(new SecureRandom());
    private TestCertificates authority;
    private ClientKey key;

    @BeforeEach
    void certify() throws Exception {
        authority = new TestCertificates();
        key = new ClientKey(pair.getPrivate(), List.of(authority.leaf(pair, "client")));
    }

    @Test
    void isShownToAServerThatTrustsItsAuthority() throws Exception {
        Principal[] issuers = {authority.certificate().getSubjectX500Principal()};
        String alias = requireNonNull(key.chooseEngineClientAlias(KEY_TYPES, issuers, null));
        assertThat(key.getPrivateKey(alias)).isEqualTo(pair.getPrivate());
        assertThat(key.getCertificateChain(alias)).hasSize(1);
    }

    @Test
    void isShownToAServerThatNamesNobody() {
        assertThat(key.chooseEngineClientAlias(KEY_TYPES, null, null)).isNotNull();
        assertThat(key.chooseEngineClientAlias(KEY_TYPES, new Principal[0], null)).isNotNull();
    }

    @Test
    void isNotShownToAServerThatTrustsOthersOnly() {
        Principal[] issuers = {new X500Principal("CN=somebody else")};
        assertThat(key.chooseEngineClientAlias(KEY_TYPES, issuers, null)).isNull();
    }

    @Test
    void isNotShownWhereKeysOfItsKindAreNotTaken() {
        assertThat(key.chooseEngineClientAlias(new String[] {"RSA"}, null, null)).isNull();
    }

    @Test
    void refusesACertificateOfAnotherKindOfKey() throws Exception {
        var rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        var certificate = authority.leaf(pair, "client");
        assertThatThrownBy(() -> new ClientKey(rsa.getPrivate(), List.of(certificate)))
                .isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> new ClientKey(pair.getPrivate(), List.of()))
                .isInstanceOf(InvalidKeyException.class);
    }
}
