package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.GetVaultIdentityResponse;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
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
        Server server = serve(issuer);
        try (var connection = VaultConnection.open(profile, "localhost:" + server.getPort())) {
            return connection.identify(vault.pin(), ANCHORS);
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }

    private Server serve(TestCertificates issuer) throws Exception {
        KeyPair key = P256.newKeyPair(new SecureRandom());
        var tls =
                SslContextBuilder.forServer(key.getPrivate(), issuer.leaf(key, "localhost"))
                        .trustManager(present.certificate())
                        .clientAuth(ClientAuth.OPTIONAL)
                        .protocols("TLSv1.3");
        return NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.configure(tls).build())
                .addService(new Identity(vault.identityEnvelope()))
                .build()
                .start();
    }

    private static final class Identity extends AdminGrpc.AdminImplBase {
        private final byte[] envelope;

        Identity(byte[] envelope) {
            this.envelope = envelope;
        }

        @Override
        public void getVaultIdentity(
                GetVaultIdentityRequest request, StreamObserver<GetVaultIdentityResponse> answers) {
            answers.onNext(
                    GetVaultIdentityResponse.newBuilder()
                            .setVaultIdentity(ByteString.copyFrom(envelope))
                            .build());
            answers.onCompleted();
        }
    }
}
