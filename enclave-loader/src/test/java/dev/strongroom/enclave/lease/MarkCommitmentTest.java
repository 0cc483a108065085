package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy is marked only after the log was proved to hold this boot's own commitment. */
class MarkCommitmentTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final Digest MARK = Digest.sha256(new byte[] {1});

    @TempDir private Path folder;
    private FakeVault vault;
    private LeasedNode node;

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        node = new LeasedNode(vault, CHIP, folder);
    }

    @AfterEach
    void stop() {
        node.close();
        vault.close();
    }

    @Test
    void believesTheLeafOfItsOwnCommitment() throws Exception {
        assertThat(MarkCommitment.commit(node.link, node.grant(), MARK))
                .isGreaterThan(node.grant().lease().auditLeaf());
    }

    @Test
    void refusesARecordOfAnotherMark() throws Exception {
        InclusionProof[] first = new InclusionProof[1];
        vault.onProof =
                proof -> {
                    first[0] = proof.build();
                    return proof;
                };
        MarkCommitment.commit(node.link, node.grant(), Digest.sha256(new byte[] {2}));
        refuses(_ -> first[0].toBuilder(), "another record");
    }

    @Test
    void refusesALeafThatTheLogDoesNotHold() {
        refuses(proof -> proof.setLeaf(ByteString.copyFromUtf8("leaf")), "does not contain");
        refuses(InclusionProof.Builder::clearPath, "does not contain");
        refuses(InclusionProof.Builder::clearCheckpoint, "checkpoint");
    }

    private void refuses(UnaryOperator<InclusionProof.Builder> bend, String why) {
        vault.onProof = bend;
        assertThatThrownBy(() -> MarkCommitment.commit(node.link, node.grant(), MARK))
                .isInstanceOf(LeaseException.class)
                .hasMessageContaining(why);
    }
}
