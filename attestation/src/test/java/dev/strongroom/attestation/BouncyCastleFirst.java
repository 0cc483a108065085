package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.Security;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has Bouncy Castle answer before the JDK's own providers for the length of a test class. It calls
 * the raw form of ECDSA signatures by another name, so it learns the JDK's.
 */
public final class BouncyCastleFirst implements BeforeAllCallback, AfterAllCallback {
    /** For JUnit. */
    public BouncyCastleFirst() {}

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        var provider = new BouncyCastleProvider();
        for (String hash : new String[] {"SHA256", "SHA384"}) {
            provider.put(
                    "Alg.Alias.Signature." + hash + "withECDSAinP1363Format",
                    hash + "withPLAIN-ECDSA");
        }
        Security.insertProviderAt(provider, 1);
        assertThat(Signature.getInstance("SHA384withECDSAinP1363Format").getProvider())
                .isSameAs(provider);
        assertThat(CertificateFactory.getInstance("X.509").getProvider()).isSameAs(provider);
        assertThat(CertPathValidator.getInstance("PKIX").getProvider()).isSameAs(provider);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Security.removeProvider(BouncyCastleProvider.PROVIDER_NAME);
    }
}
