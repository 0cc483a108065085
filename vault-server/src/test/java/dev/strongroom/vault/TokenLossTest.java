package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.RecoverTokenRequest;
import dev.strongroom.proto.v1.RecoverTokenResponse;
import dev.strongroom.testkit.softhsm.SoftHsm;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.Status;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token that is lost while the vault serves: it says so, and serves again without a restart. */
class TokenLossTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    @TempDir private Path dir;
    private TestVault vault;
    private TestOwner owner;
    private Path folder;
    private Path away;

    @BeforeEach
    void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        folder = vault.token.folder();
        away = vault.token.tokens().resolveSibling(folder.getFileName());
    }

    @AfterEach
    void stop() throws Exception {
        restore();
        recover(); // else this process's module would stay without the token
        vault.close();
    }

    /** And has it noticed: a handshake in which the loss shows fails without saying why. */
    private void remove() throws Exception {
        Files.move(folder, away);
        assertThat(health().statusCode()).isEqualTo(503);
    }

    private void restore() throws IOException {
        if (Files.exists(away)) {
            Files.move(away, folder);
        }
    }

    private Refusal refusal() {
        return Refusal.of(() ->
                KeysGrpc.newBlockingStub(vault.connect(vault.operator))
                        .getKeyStatus(GetKeyStatusRequest.newBuilder().setTenant("acme").build()));
    }

    private RecoverTokenResponse recover() {
        return KeysGrpc.newBlockingStub(vault.connect(vault.operator))
                .recoverToken(RecoverTokenRequest.getDefaultInstance());
    }

    private HttpResponse<String> health() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://" + vault.httpAddress() + "/healthz"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private long objects() throws IOException {
        try (Stream<Path> files = Files.list(Files.exists(away) ? away : folder)) {
            return files.filter(f -> f.toString().endsWith(".object")).count();
        }
    }

    /** SoftHSM2 writes the file at each login, good or bad, and counts that in its head. */
    private long logins() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(folder.resolve("token.object"))).getLong();
    }

    @Test
    void answersUnavailableUntilTheTokenIsBack() throws Exception {
        Policies policies = owner.setPolicies("bert");
        Sealed version = owner.seal("bert", TestOwner.weights(50));
        owner.push(version);
        var node = new TestNode(owner);
        long objects = objects();
        assertThat(health().statusCode()).isEqualTo(200);
        remove();

        assertThat(health().body())
                .contains("\"status\":\"failing\"", "\"token\":\"down\"", "TOKEN_NOT_FOUND");
        Refusal refusal = refusal().isFor(Reason.TOKEN_UNAVAILABLE);
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal.info().getMetadataOrThrow("token")).isEqualTo("TOKEN_NOT_FOUND");
        KeyPair other = TestIdentity.newKey();
        Refusal.of(() -> vault.tenant("other", other)).isFor(Reason.TOKEN_UNAVAILABLE);
        Refusal.of(() -> node.ask(node.request(version, policies))).isFor(Reason.TOKEN_UNAVAILABLE);
        restore();
        vault.clock.advance(LONG);

        assertThat(ReleasedKey.isTheOwners(node, version, policies)).isTrue();
        assertThat(objects()).as("nothing was made").isEqualTo(objects);
        assertThat(health().statusCode()).isEqualTo(200);
        assertThat(health().body()).contains("\"status\":\"ok\"", "\"token\":\"serving\"");
        vault.tenant("other", other);
    }

    /** A key of this process would be another one after a restart. */
    @Test
    void keepsItsTlsKeyInTheTokenAndAnotherForHoursMeanwhile() throws Exception {
        PublicKey key = served().getPublicKey();
        vault.restart();
        assertThat(served().getPublicKey()).isEqualTo(key);
        remove();
        X509Certificate standby = served();
        assertThat(standby.getPublicKey()).isNotEqualTo(key);
        assertThat(standby.getNotAfter().toInstant())
                .isBefore(vault.clock.instant().plus(Duration.ofHours(25)));
        restore();
        vault.clock.advance(LONG);
        assertThat(health().statusCode()).isEqualTo(200);
        assertThat(served().getPublicKey()).isEqualTo(key);
    }

    /** The certificate that a new connection is shown. */
    private X509Certificate served() throws Exception {
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setCertificateEntry("ca", vault.operator.ca());
        X509Certificate[] chain = {vault.operator.certificate(), vault.operator.ca()};
        keys.setKeyEntry("me", vault.operator.key().getPrivate(), new char[0], chain);
        var own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, new char[0]);
        var trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(keys);
        var tls = SSLContext.getInstance("TLSv1.3");
        tls.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        var address = URI.create("tls://" + vault.address());
        try (var socket =
                (SSLSocket)
                        tls.getSocketFactory().createSocket(address.getHost(), address.getPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void doesNotTakeAnotherTokenForItsOwn() throws Exception {
        SoftHsm twin = SoftHsm.inThisProcess(vault.token.label());
        remove();

        assertThat(refusal().info().getMetadataOrThrow("token")).isEqualTo("TOKEN_CHANGED");
        Files.move(twin.folder(), dir.resolve("twin"));
        restore();
        vault.clock.advance(LONG);
        assertThat(health().statusCode()).isEqualTo(200);
    }

    @Test
    void triesAWrongPinOnceAndThenForAnOperatorOnly() throws Exception {
        String pin = Files.readString(vault.token.pinFile());
        remove();
        refusal();
        Files.writeString(vault.token.pinFile(), "0123456789");
        restore();
        long logins = logins();
        for (int i = 0; i < 10; i++) {
            vault.clock.advance(LONG);
            Refusal refusal = refusal().isFor(Reason.TOKEN_UNAVAILABLE);
            assertThat(refusal.info().getMetadataOrThrow("token")).isEqualTo("PIN_INCORRECT");
            assertThat(health().statusCode()).isEqualTo(503);
        }
        assertThat(logins()).as("attempts").isEqualTo(logins + 1);
        RecoverTokenResponse still = recover();
        assertThat(still.getState()).isEqualTo("down");
        assertThat(still.getReason()).isEqualTo("PIN_INCORRECT");
        assertThat(still.getMessage()).contains("correct the PIN file").doesNotContain("01234");
        assertThat(still.getNextAttemptMillis()).isZero();
        assertThat(logins()).isEqualTo(logins + 2);
        Files.writeString(vault.token.pinFile(), pin);

        RecoverTokenResponse back = recover();
        assertThat(back.getState()).isEqualTo("serving");
        assertThat(back.getAuditLeaf()).isGreaterThan(still.getAuditLeaf());
        assertThat(health().statusCode()).isEqualTo(200);
    }
}
