package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.GetVaultIdentityResponse;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.SecureRandom;

/** Shows a vault's identity and whatever else a test has it answer, over real TLS. */
final class VaultServer implements AutoCloseable {
    private final Server server;

    /**
     * Starts one.
     *
     * @param issuer of its certificate
     * @param clients authority of theirs
     */
    VaultServer(
            TestVault vault,
            TestCertificates issuer,
            TestCertificates clients,
            BindableService... more)
            throws Exception {
        KeyPair key = P256.newKeyPair(new SecureRandom());
        var tls =
                SslContextBuilder.forServer(key.getPrivate(), issuer.leaf(key, "localhost"))
                        .trustManager(clients.certificate())
                        .clientAuth(ClientAuth.OPTIONAL)
                        .protocols("TLSv1.3");
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .sslContext(GrpcSslContexts.configure(tls).build())
                        .addService(new Identity(vault.identityEnvelope()));
        for (BindableService service : more) {
            builder.addService(service);
        }
        server = builder.build().start();
    }

    String address() {
        return "localhost:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
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
