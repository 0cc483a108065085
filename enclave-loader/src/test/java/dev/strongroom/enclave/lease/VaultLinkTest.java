package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.ReservedPort;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may answer a node in the vault's name, over real TLS: anybody can pass its identity on. */
class VaultLinkTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final TrustAnchors ANCHORS = TrustAnchors.vendors();
    private static final KeyPair CEREMONY = P256.newKeyPair(RANDOM);

    private final KeyPair signing = P256.newKeyPair(RANDOM);
    private final Authority present = Authority.create();
    private final Authority retired = Authority.create();

    @TempDir private Path folder;

    @Test
    void whoHasTheKeyOfARetiredAuthorityIsRefusedThoughItIsConfigured() throws Exception {
        try (var port = new ReservedPort();
                var link = open(port.number())) {
            Server thief = serve(retired, port.number());
            assertThatThrownBy(() -> identify(link))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageContaining("CA that the pinned ceremony key does not name");
            for (int i = 0; i < 5; i++) { // on that connection, or in the next handshake
                assertThatThrownBy(() -> identify(link)).isInstanceOf(LeaseException.class);
            }
            thief.shutdownNow().awaitTermination();

            Server vault = serve(present, port.number());
            assertThat(identifiedSoon(link).number()).isEqualTo(1);
            vault.shutdownNow().awaitTermination();
        }
    }

    private VaultIdentity identify(VaultLink link) throws Exception {
        return Vaults.identity(
                link.challenge().getVaultIdentity(),
                P256.keyId(CEREMONY.getPublic().getEncoded()),
                ANCHORS,
                new NodeMemory(folder),
                link);
    }

    /** A channel that was refused waits before it connects again. */
    private VaultIdentity identifiedSoon(VaultLink link) throws Exception {
        return Eventually.first(
                        () -> {
                            try {
                                return Optional.of(identify(link));
                            } catch (LeaseException refused) {
                                return Optional.<VaultIdentity>empty();
                            }
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    private VaultLink open(int port) throws Exception {
        KeyPair key = P256.newKeyPair(RANDOM);
        return VaultLink.open(
                new VaultAddress(
                        "localhost:" + port,
                        List.of(present.certificate(), retired.certificate()),
                        List.of(present.leaf(key)),
                        key.getPrivate(),
                        P256.keyId(CEREMONY.getPublic().getEncoded())));
    }

    private Server serve(Authority issuer, int port) throws Exception {
        KeyPair key = P256.newKeyPair(RANDOM);
        var tls =
                SslContextBuilder.forServer(key.getPrivate(), issuer.leaf(key))
                        .protocols("TLSv1.3");
        return NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .sslContext(GrpcSslContexts.configure(tls).build())
                .addService(new Challenges(identity()))
                .build()
                .start();
    }

    private byte[] identity() throws Exception {
        return VaultIdentity.first(
                        CEREMONY.getPublic().getEncoded(),
                        signing.getPublic().getEncoded(),
                        present.certificate().getEncoded(),
                        "module",
                        TrustLevel.SOFTWARE,
                        ANCHORS.tee(),
                        ANCHORS.fingerprint(),
                        "test.log")
                .sign(P256.signer(CEREMONY))
                .encode();
    }

    private static final class Challenges extends ReleaseGrpc.ReleaseImplBase {
        private final byte[] identity;

        Challenges(byte[] identity) {
            this.identity = identity;
        }

        @Override
        public void getChallenge(
                GetChallengeRequest request, StreamObserver<GetChallengeResponse> answers) {
            answers.onNext(
                    GetChallengeResponse.newBuilder()
                            .setVaultIdentity(ByteString.copyFrom(identity))
                            .build());
            answers.onCompleted();
        }
    }

    private record Authority(KeyPair keys, X509Certificate certificate) {
        static Authority create() {
            KeyPair keys = P256.newKeyPair(RANDOM);
            try {
                var builder = builder("CN=CA", keys);
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
                return new Authority(keys, signed(builder, keys));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        X509Certificate leaf(KeyPair of) throws Exception {
            var builder = builder("CN=localhost", of);
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")));
            return signed(builder, keys);
        }

        private static JcaX509v3CertificateBuilder builder(String subject, KeyPair of) {
            Instant now = Instant.now();
            return new JcaX509v3CertificateBuilder(
                    new X500Principal("CN=CA"),
                    new BigInteger(64, RANDOM),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(Duration.ofHours(1))),
                    new X500Principal(subject),
                    of.getPublic());
        }

        private static X509Certificate signed(JcaX509v3CertificateBuilder builder, KeyPair by)
                throws Exception {
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        }
    }
}
