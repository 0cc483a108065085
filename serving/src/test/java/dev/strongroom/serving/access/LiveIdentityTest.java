package dev.strongroom.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.crypto.format.TenantName;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In real TLS 1.3 handshakes. */
class LiveIdentityTest {
    private static final String ATTESTED = AttestedName.of(new TenantName("acme"));

    private static final String ACME = "acme.node.strongroom.internal";
    private static final String GLOBEX = "globex.node.strongroom.internal";

    private final Instant end =
            Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
    private final TestAuthority authority = new TestAuthority();
    private final TestAuthority.Issued certified = authority.server();
    private LiveIdentity identity;

    @BeforeEach
    void issue() {
        identity = new LiveIdentity(certified.key(), certified.chain());
    }

    @Test
    void showsTheCertificateWithEvidenceToWhoAsksForIt() throws Exception {
        X509Certificate evidence = another();
        identity.attest(() -> Optional.of(evidence));
        assertThat(shown(ATTESTED)).isEqualTo(evidence);
    }

    @Test
    void showsTheAuthoritysCertificateToEverybodyElse() throws Exception {
        X509Certificate evidence = another();
        identity.attest(() -> Optional.of(evidence));
        assertThat(shown("localhost.example")).isEqualTo(certified.chain().getFirst());
        assertThat(shown("acme.node.strongroom.internal")).isEqualTo(certified.chain().getFirst());
    }

    @Test
    void showsTheAuthoritysCertificateWhereThereIsNoOther() throws Exception {
        assertThat(shown(ATTESTED)).isEqualTo(certified.chain().getFirst());
        identity.attest(Optional::empty);
        assertThat(shown(ATTESTED)).isEqualTo(certified.chain().getFirst());
    }

    @Test
    void showsTheNewCertificateAfterARenewal() throws Exception {
        TestAuthority.Issued renewed = authority.renewed(certified);
        identity.present(renewed.chain());
        assertThat(shown("localhost.example")).isEqualTo(renewed.chain().getFirst());
    }

    @Test
    void showsEachTenantsCertificateToWhoAsksForTheTenant() throws Exception {
        TestAuthority.Issued ofAcme = until(end, ACME);
        TestAuthority.Issued ofGlobex = until(end, GLOBEX);
        var both = new LiveIdentity(certified.key(), ofAcme.chain());
        both.present(ofGlobex.chain());
        assertThat(shown(both, ACME)).isEqualTo(ofAcme.chain().getFirst());
        assertThat(shown(both, GLOBEX)).isEqualTo(ofGlobex.chain().getFirst());
        assertThat(shown(both, "localhost.example")).isEqualTo(ofAcme.chain().getFirst());

        TestAuthority.Issued renewed = until(end.plusSeconds(60), ACME);
        both.present(renewed.chain());
        assertThat(shown(both, ACME)).isEqualTo(renewed.chain().getFirst());
        assertThat(shown(both, GLOBEX)).isEqualTo(ofGlobex.chain().getFirst());
        assertThat(both.authorities()).containsExactly(authority.certificate());
    }

    @Test
    void aTenantWhoseLeaseEndedKeepsNoOtherTenantsCallersOut() throws Exception {
        TestAuthority.Issued ofAcme = until(end, ACME);
        TestAuthority.Issued ofGlobex = until(end.plusSeconds(60), GLOBEX);
        var both = new LiveIdentity(certified.key(), ofAcme.chain(), () -> end);
        assertThat(shown(both, "localhost.example")).isEqualTo(ofAcme.chain().getFirst());
        both.present(ofGlobex.chain());
        assertThat(shown(both, "localhost.example")).isEqualTo(ofGlobex.chain().getFirst());
        assertThat(shown(both, ACME)).isEqualTo(ofAcme.chain().getFirst());
    }

    private TestAuthority.Issued until(Instant notAfter, String name) {
        return authority.renewed(certified, notAfter, "localhost", name);
    }

    /** Another certificate of the same key. */
    private X509Certificate another() {
        return authority.renewed(certified).chain().getFirst();
    }

    private X509Certificate shown(String serverName) throws Exception {
        return shown(identity, serverName);
    }

    private static X509Certificate shown(LiveIdentity identity, String serverName)
            throws Exception {
        SSLContext server = context(identity);
        SSLContext client = context();
        SSLEngine asking = client.createSSLEngine(serverName, 443);
        asking.setUseClientMode(true);
        SSLEngine answering = server.createSSLEngine();
        answering.setUseClientMode(false);
        handshake(asking, answering);
        return (X509Certificate) asking.getSession().getPeerCertificates()[0];
    }

    private static SSLContext context(KeyManager... keys) throws Exception {
        var context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context;
    }

    private static void handshake(SSLEngine client, SSLEngine server) throws Exception {
        client.beginHandshake();
        server.beginHandshake();
        var toServer = ByteBuffer.allocate(1 << 16);
        var toClient = ByteBuffer.allocate(1 << 16);
        for (int step = 0; step < 100 && !(isDone(client) && isDone(server)); step++) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
        }
    }

    private static boolean isDone(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws Exception {
        switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                in.flip();
                engine.unwrap(in, ByteBuffer.allocate(1 << 16));
                in.compact();
            }
            case NEED_TASK -> engine.getDelegatedTask().run();
            case FINISHED, NOT_HANDSHAKING -> {}
        }
    }
}
