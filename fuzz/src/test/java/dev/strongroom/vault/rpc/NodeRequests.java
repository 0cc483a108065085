package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import java.util.List;

/** Requests for a lease as a node sends them: the largest messages of many parts that we take. */
final class NodeRequests {
    private static final ByteString DIGEST = ByteString.copyFrom(new byte[32]);
    private static final ByteString ID = ByteString.copyFrom(new byte[16]);
    private static final ByteString EVIDENCE =
            ByteString.copyFrom(
                    new Evidence(
                                    Evidence.Format.SNP_REPORT,
                                    new byte[64],
                                    List.of(DIGEST.toByteArray()))
                            .encode());

    private NodeRequests() {}

    static byte[] release() {
        return RequestLeaseRequest.newBuilder()
                .setNonce(DIGEST)
                .setNodeNonce(DIGEST)
                .setModel("acme/net")
                .setVersionId(ID)
                .setManifestDigest(DIGEST)
                .setEvidence(EVIDENCE)
                .setKemSpki(DIGEST)
                .setTlsSpki(DIGEST)
                .setTlsCsr(DIGEST)
                .setBootId(ID)
                .setPosture(1)
                .setReleasePolicyDigest(DIGEST)
                .setOutputPolicyDigest(DIGEST)
                .build()
                .toByteArray();
    }

    static byte[] renewal() {
        return RenewLeaseRequest.newBuilder()
                .setNonce(DIGEST)
                .setNodeNonce(DIGEST)
                .setModel("acme/net")
                .setVersionId(ID)
                .setManifestDigest(DIGEST)
                .setEvidence(EVIDENCE)
                .setTlsSpki(DIGEST)
                .setBootId(ID)
                .setPosture(1)
                .setReleasePolicyDigest(DIGEST)
                .setOutputPolicyDigest(DIGEST)
                .build()
                .toByteArray();
    }
}
