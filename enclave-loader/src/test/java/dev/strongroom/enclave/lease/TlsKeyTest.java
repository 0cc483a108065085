package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

class TlsKeyTest {
    @Test
    void itsRequestIsReadAndVerifiedByAnotherLibrary() throws Exception {
        var key = TlsKey.generate(new SecureRandom());
        byte[] encoded = key.signingRequest();
        var request = new PKCS10CertificationRequest(encoded);
        assertThat(request.getEncoded()).isEqualTo(encoded);
        assertThat(request.getSubject()).hasToString("CN=strongroom-node");
        assertThat(request.getSubjectPublicKeyInfo().getEncoded()).isEqualTo(key.spki());
        var verifier =
                new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo());
        assertThat(request.isSignatureValid(verifier)).isTrue();
    }

    @Test
    void printsNothingOfItself() {
        assertThat(TlsKey.generate(new SecureRandom())).hasToString("TlsKey[redacted]");
    }
}
