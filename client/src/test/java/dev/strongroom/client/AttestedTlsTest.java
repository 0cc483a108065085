package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.client.ClientException.Kind;
import dev.strongroom.client.NodeProof.Binding;
import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.ReservedPort;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real TLS on the loopback, with a relay that forwards the true node's evidence. */
class AttestedTlsTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration AN_HOUR = Duration.ofHours(1);

    @TempDir Path folder;
    private TestNode node;
    private TestCertificates authority;
    private Profile profile;
    private Duration ahead = Duration.ZERO;

    @BeforeEach
    void launch() throws Exception {
        node = new TestNode(folder);
        authority = new TestCertificates();
        profile = authority.profile(folder.resolve("identity"));
        profile.write("owner.txt", node.owner.keyId().hex());
    }

    @Test
    void believesANodeForItsEvidenceAloneAndBindsItToTheTlsSession() throws Exception {
        try (var served = ServedNode.of(node, attested(), 0);
                var client = attest(served, Optional.empty())) {
            assertThat(client.proof().binding()).isEqualTo(Binding.TLS_EXPORTER);
            assertThat(client.proof().attested().value().tlsSpki()).isEqualTo(node.peerSpki);
            assertThat(client.signature().inputs()).isEmpty();
            assertThat(served.evidenceCalls).hasValue(1);
        }
    }

    @Test
    void takesYoungEvidenceFromTheCertificate() throws Exception {
        try (var served = ServedNode.of(node, attested(), 0);
                var client = attest(served, Optional.of(AN_HOUR))) {
            assertThat(client.proof().binding()).isEqualTo(Binding.PEER_KEY);
            assertThat(client.signature().inputs()).isEmpty();
            assertThat(served.evidenceCalls).hasValue(0);
        }
    }

    /** Evidence in a certificate outlives a revocation; the vault's word does not. */
    @Test
    void refusesYoungEvidenceInACertificateWithoutAYoungWordOfTheVaults() throws Exception {
        node.wordAge = Duration.ofMinutes(6);
        try (var served = ServedNode.of(node, attested(), 0)) {
            assertRefused(() -> attest(served, Optional.of(AN_HOUR)), "not revoked");
            assertThat(served.evidenceCalls).hasValue(0);
        }
    }

    @Test
    void refusesYoungEvidenceOnceTheWordWithItHasAged() throws Exception {
        node.oneLease = true;
        try (var served = ServedNode.of(node, attested(), 0);
                var client = attest(served, Optional.of(AN_HOUR))) {
            assertThat(client.signature().inputs()).isEmpty();
            ahead = Duration.ofMinutes(6);
            assertRefused(() -> client.signature(), "not revoked");
            assertThat(served.evidenceCalls).hasValue(0);
        }
    }

    @Test
    void asksWhereTheCertificatesEvidenceIsTooOld() throws Exception {
        try (var served = ServedNode.of(node, attested(), 0);
                var client = attest(served, Optional.of(Duration.ZERO))) {
            assertThat(client.proof().binding()).isEqualTo(Binding.TLS_EXPORTER);
            assertThat(served.evidenceCalls).hasValue(1);
        }
    }

    @Test
    void asksAgainAtACallWhenWhatWasProvenHasBecomeTooOld() throws Exception {
        node.oneLease = true;
        try (var served = ServedNode.of(node, attested(), 0);
                var client = attest(served, Optional.of(Duration.ZERO))) {
            assertThat(client.signature().inputs()).isEmpty();
            assertThat(served.evidenceCalls).hasValue(2);
        }
    }

    @Test
    void refusesAtACallWhenTheNodeHasNoYoungWordOfItsVaultAnyMore() throws Exception {
        node.oneLease = true;
        try (var served = ServedNode.of(node, attested(), 0);
                var client = attest(served, Optional.of(Duration.ZERO))) {
            node.wordAge = Duration.ofMinutes(6);
            assertRefused(() -> client.signature(), "not revoked");
        }
    }

    @Test
    void asksWhereTheCertificateCarriesNone() throws Exception {
        try (var served = ServedNode.of(node, certified(node.tls), 0);
                var client = attest(served, Optional.of(AN_HOUR))) {
            assertThat(client.proof().binding()).isEqualTo(Binding.TLS_EXPORTER);
        }
    }

    @Test
    void refusesARelayThatCopiesTheEvidenceIntoItsOwnCertificate() throws Exception {
        KeyPair own = P256.newKeyPair(RANDOM);
        X509Certificate copied = TestCertificates.attested(own, evidence());
        try (var served = ServedNode.of(node, attested(), 0);
                var relay = ServedNode.relay(served, own, copied, 0)) {
            assertRefused(() -> attest(relay, Optional.empty()), "TLS key");
            assertRefused(() -> attest(relay, Optional.of(AN_HOUR)), "TLS key");
            assertThat(relay.calls).as("calls it saw").hasValue(0);
        }
    }

    @Test
    void refusesARelayWithACertificateOfTheVaultsAuthority() throws Exception {
        KeyPair own = P256.newKeyPair(RANDOM);
        try (var served = ServedNode.of(node, attested(), 0);
                var relay = ServedNode.relay(served, own, certified(own), 0)) {
            assertRefused(() -> attest(relay, Optional.empty()), "TLS key");
            assertThat(served.evidenceCalls).hasValue(1); // it did forward
        }
    }

    @Test
    void refusesARelayThatHasTheNodesOwnTlsKey() throws Exception {
        try (var served = ServedNode.of(node, attested(), 0);
                var relay = ServedNode.relay(served, node.tls, attested(), 0)) {
            assertRefused(() -> attest(relay, Optional.empty()), "nonce is not in it");
            assertThat(served.evidenceCalls).hasValue(1);
        }
    }

    @Test
    void refusesARelayThatHasTheNodeSignItsChannelsNonceAsOneWithoutAChannel() throws Exception {
        try (var served = ServedNode.of(node, attested(), 0);
                var relay = ServedNode.launderer(served, node.tls, attested(), 0)) {
            assertRefused(() -> attest(relay, Optional.empty()), "nonce is not in it");
            assertThat(served.evidenceCalls).hasValue(1);
        }
    }

    @Test
    void refusesAStrangerWithoutEvidence() throws Exception {
        var stranger = new TestCertificates();
        KeyPair own = P256.newKeyPair(RANDOM);
        X509Certificate other = stranger.leaf(own, AttestedName.of(TestNode.MODEL.tenant()));
        try (var served = ServedNode.of(node, attested(), 0);
                var relay = ServedNode.relay(served, own, other, 0)) {
            assertThatThrownBy(() -> attest(relay, Optional.empty()))
                    .isInstanceOf(StatusRuntimeException.class);
            assertThat(relay.calls).hasValue(0);
        }
    }

    @Test
    void refusesDamagedEvidenceBeforeAnythingIsSent() throws Exception {
        GetEvidenceResponse answer = node.afterLease().build();
        byte[] damaged = answer.getEvidence().toByteArray();
        damaged[damaged.length / 2] ^= 1;
        X509Certificate certificate =
                TestCertificates.attested(
                        node.tls,
                        answer.toBuilder()
                                .setEvidence(ByteString.copyFrom(damaged))
                                .build()
                                .toByteArray());
        try (var served = ServedNode.of(node, certificate, 0)) {
            assertRefused(() -> attest(served, Optional.empty()), "evidence");
            assertThat(served.calls).hasValue(0);
        }
    }

    @Test
    void refusesEvidenceForACallersNonceInACertificate() throws Exception {
        byte[] answer = node.answer(new byte[32]).build().toByteArray();
        try (var served = ServedNode.of(node, TestCertificates.attested(node.tls, answer), 0)) {
            assertRefused(() -> attest(served, Optional.empty()), "binding.report-data");
        }
    }

    @Test
    void attestsAgainWhenTheConnectionHasEnded() throws Exception {
        node.oneLease = true;
        try (var port = new ReservedPort();
                var client = attestedAt(port)) {
            try (var second = ServedNode.of(node, attested(), port.number())) {
                assertThat(untilAnswered(client)).isEmpty();
                assertThat(second.evidenceCalls).hasValue(1);
            }
        }
    }

    @Test
    void aRelayThatTakesTheConnectionOverIsAttestedAnewAndRefused() throws Exception {
        try (var port = new ReservedPort();
                var client = attestedAt(port)) {
            KeyPair own = P256.newKeyPair(RANDOM);
            try (var served = ServedNode.of(node, attested(), 0);
                    var _ = ServedNode.relay(served, own, certified(own), port.number())) {
                assertRefused(() -> untilAnswered(client), "");
            }
        }
    }

    /** A client of a node that has ended since. */
    private InferenceClient attestedAt(ReservedPort port) throws Exception {
        try (var first = ServedNode.of(node, attested(), port.number())) {
            return attest(first, Optional.empty());
        }
    }

    /** The first calls after a restart may only see the old connection end. */
    private static List<ModelSignature.Port> untilAnswered(InferenceClient client)
            throws Exception {
        return Eventually.first(
                        () -> {
                            try {
                                return Optional.of(client.signature().inputs());
                            } catch (StatusRuntimeException old) {
                                return Optional.<List<ModelSignature.Port>>empty();
                            }
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    private byte[] evidence() throws Exception {
        return node.afterLease().build().toByteArray();
    }

    private X509Certificate attested() throws Exception {
        return TestCertificates.attested(node.tls, evidence());
    }

    private X509Certificate certified(KeyPair key) throws Exception {
        return authority.leaf(key, AttestedName.of(TestNode.MODEL.tenant()));
    }

    private InferenceClient attest(ServedNode served, Optional<Duration> maxAge) throws Exception {
        InstantSource clock = () -> Instant.now().plus(ahead);
        var target =
                new NodeTarget(
                        profile,
                        served.address(),
                        Optional.empty(),
                        node.vault.pin(),
                        TestNode.MODEL,
                        Optional.empty(),
                        VersionDemand.ANY,
                        Optional.empty(),
                        maxAge,
                        NodeTarget.STANDING_MAX_AGE);
        return InferenceClient.attest(target, node.chip.anchors(), clock, RANDOM);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ClientException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION_FAILED))
                .hasMessageContaining(message);
    }
}
