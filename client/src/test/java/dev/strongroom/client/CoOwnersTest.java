package dev.strongroom.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller believes of a node that other owners' models may be on. */
class CoOwnersTest {
    private static final byte[] NONCE = new byte[32];
    private static final Digest CO_OWNER = Digest.sha256(new byte[] {42});

    @TempDir Path folder;
    private TestNode node;

    @BeforeEach
    void launch() throws Exception {
        node = new TestNode(folder);
    }

    @Test
    void acceptsACoOwnerWhomTheOwnersPolicyNamesAndSaysSo() throws Exception {
        shareNode();
        node.release = policy(naming(CO_OWNER));

        assertThat(verify(node.answer(NONCE)).attested().transcript().owners().others())
                .containsExactly(CO_OWNER);
    }

    @Test
    void refusesACoOwnerWhomTheOwnersPolicyDoesNotName() throws Exception {
        shareNode();
        assertRefused(node.answer(NONCE), "policy.co-owners");
        node.follow(naming(new Digest("0".repeat(64))));
        assertRefused(node.answer(NONCE), "policy.co-owners");
    }

    @Test
    void aPolicyOfTheCallersOwnAllowsNoCoOwnerThatTheOwnersDoesNot() throws Exception {
        shareNode();
        ReleasePolicy own = ReleasePolicy.parse(naming(CO_OWNER).getBytes(UTF_8));
        assertThatThrownBy(() -> verify(node.answer(NONCE), target(own)))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("of the owner's release policy");
        node.follow(own.canonical());
        ReleasePolicy alone =
                ReleasePolicy.parse(TestNode.releaseBody(TestNode.MEASUREMENT).getBytes(UTF_8));
        assertThatThrownBy(() -> verify(node.answer(NONCE), target(alone)))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("policy.co-owners");
    }

    @Test
    void refusesAListOfOwnersOtherThanTheEvidences() throws Exception {
        shareNode();
        node.release = policy(naming(CO_OWNER));
        assertRefused(node.answer(NONCE).clearCoOwners(), "binding.report-data");
        assertRefused(
                node.answer(NONCE).addCoOwners(ByteString.copyFrom(new byte[31])), "malformed");
        assertRefused(
                node.answer(NONCE).addCoOwners(ByteString.copyFrom(CO_OWNER.bytes())), "malformed");
        node.leafFields.put("co-owners", "");
        assertRefused(node.answer(NONCE), "its co-owners is not the lease's");
    }

    private void shareNode() {
        node.owners = NodeOwners.among(node.owner.keyId(), List.of(CO_OWNER));
    }

    private static String naming(Digest coOwner) {
        return TestNode.releaseBody(TestNode.MEASUREMENT)
                .replaceAll("}$", ",\"coOwners\":[\"" + coOwner + "\"]}");
    }

    private static PolicyDocument policy(String body) {
        return TestNode.policy(Kind.RELEASE, TestNode.RELEASE_ID, body);
    }

    private NodeTarget target(ReleasePolicy own) {
        NodeTarget plain = node.target();
        return new NodeTarget(
                plain.profile(),
                plain.node(),
                plain.vault(),
                plain.pin(),
                plain.model(),
                plain.version(),
                Optional.of(own));
    }

    private NodeProof verify(GetEvidenceResponse.Builder answer) throws Exception {
        return verify(answer, node.target());
    }

    private NodeProof verify(GetEvidenceResponse.Builder answer, NodeTarget target)
            throws Exception {
        return new NodeVerifier(target, node.chip.anchors(), InstantSource.system(), node.vault)
                .verify(answer.build(), NONCE, Instant.now(), node.peerSpki);
    }

    private void assertRefused(GetEvidenceResponse.Builder answer, String why) {
        assertThatThrownBy(() -> verify(answer))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(why)
                .extracting(e -> ((ClientException) e).kind())
                .isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
    }
}
