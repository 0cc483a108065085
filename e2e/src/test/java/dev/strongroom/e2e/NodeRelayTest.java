package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.encoding.Cmw;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.NodeProof;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Profile;
import dev.strongroom.client.Tensor;
import dev.strongroom.client.VersionDemand;
import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.crypto.format.P256;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Somebody between the client's command and the node's process, who would like to read along. */
@ExtendWith(SharedDeployment.class)
class NodeRelayTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String INFER = "GRPCInferenceService/ModelInfer";

    private static Deployment world;
    private static Path folder;

    @BeforeAll
    static void prepare(Deployment shared) throws Exception {
        world = shared;
        folder = Files.createTempDirectory(world.rest(), "relay-");
    }

    /** So what is refused below is refused for what it is. */
    @Test
    void whoPassesOnBytesLearnsNothingAndIsNotNoticed() throws Exception {
        try (var line = new Forwarder(world.node().field("grpc"));
                InferenceClient client = attested(line.address(), Optional.empty())) {
            assertThat(client.proof().binding()).isEqualTo(NodeProof.Binding.TLS_EXPORTER);
            assertThat(client.infer(List.of(question()))).isNotEmpty();
        }
    }

    /** Even with a certificate that the vault's own authority signed: it takes the token's PIN. */
    @Test
    void aRelayWithACertificateOfTheVaultsAuthorityIsRefused() throws Exception {
        Path identity = Files.createDirectory(folder.resolve("authority"));
        PinHolder.run(
                world,
                NodeCertificate.class,
                world.operator().resolve("ca.pem").toString(),
                identity.resolve("tls").toString(),
                AttestedName.of(world.model().tenant()));
        refused(identity.resolve("tls"), Optional.empty());
        refused(identity.resolve("tls"), Optional.of(Duration.ofHours(1)));
    }

    @Test
    void aRelayThatShowsTheNodesEvidenceInItsOwnCertificateIsRefused() throws Exception {
        KeyPair own = P256.newKeyPair(RANDOM);
        Path identity = folder.resolve("copied");
        PemFiles.write(identity, withExtensionOf(nodesCertificate(), own), own);
        refused(identity, Optional.empty());
        refused(identity, Optional.of(Duration.ofHours(1)));
    }

    private static void refused(Path identity, Optional<Duration> maxAge) throws Exception {
        try (var relay = new Relay(identity, world.acme().consumer(), world.node().field("grpc"))) {
            assertThatThrownBy(() -> attested(relay.address(), maxAge).close())
                    .isInstanceOfSatisfying(
                            ClientException.class,
                            e ->
                                    assertThat(e.kind())
                                            .isEqualTo(ClientException.Kind.VERIFICATION_FAILED))
                    .hasMessageContaining("TLS key");
            assertThat(relay.called()).doesNotContain(INFER);
            Outcome command =
                    world.command(
                            world.acme().consumer(),
                            "infer",
                            world.model().toString(),
                            "--node",
                            relay.address(),
                            "--input",
                            "x=[[0]]");
            assertThat(command.exit()).as(command.err()).isNotZero();
            assertThat(relay.called()).doesNotContain(INFER);
        }
    }

    private static InferenceClient attested(String address, Optional<Duration> maxAge)
            throws Exception {
        var target =
                new NodeTarget(
                        new Profile(world.acme().consumer()),
                        address,
                        Optional.of(world.vault().field("grpc")),
                        world.pin(),
                        world.model(),
                        Optional.empty(),
                        VersionDemand.ANY,
                        Optional.empty(),
                        maxAge,
                        NodeTarget.STANDING_MAX_AGE);
        return InferenceClient.attest(target, world.anchors(), InstantSource.system(), RANDOM);
    }

    private static Tensor question() {
        float[] row = TinyModel.row(3);
        return Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
    }

    /** What the node shows to anybody who asks for the name that means "with evidence". */
    private static X509Certificate nodesCertificate() throws Exception {
        String address = world.node().field("grpc");
        int colon = address.lastIndexOf(':');
        var context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new Anybody()}, RANDOM);
        try (var plain =
                        new Socket(
                                address.substring(0, colon),
                                Integer.parseInt(address.substring(colon + 1)));
                var tls =
                        (SSLSocket)
                                context.getSocketFactory().createSocket(plain, "node", 0, true)) {
            var parameters = tls.getSSLParameters();
            String name = AttestedName.of(world.model().tenant());
            parameters.setServerNames(List.of(new SNIHostName(name)));
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return (X509Certificate) tls.getSession().getPeerCertificates()[0];
        }
    }

    private static X509Certificate withExtensionOf(X509Certificate node, KeyPair own)
            throws Exception {
        byte[] extension = node.getExtensionValue(Cmw.EXTENSION);
        assertThat(extension).isNotNull();
        Instant now = Instant.now();
        var builder =
                new JcaX509v3CertificateBuilder(
                        new X500Principal("CN=node"),
                        new BigInteger(64, RANDOM),
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(Duration.ofHours(1))),
                        new X500Principal("CN=node"),
                        own.getPublic());
        builder.addExtension(
                new ASN1ObjectIdentifier(Cmw.EXTENSION),
                false,
                ASN1OctetString.getInstance(extension).getOctets());
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(own.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    /** A relay does not care whom it talks to. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
