package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** What a node sends to renew its lease. */
class RenewalRequestFuzz {
    static List<byte[]> seeds() {
        var digest = ByteString.copyFrom(new byte[32]);
        var id = ByteString.copyFrom(new byte[16]);
        return List.of(
                RenewLeaseRequest.newBuilder()
                        .setNonce(digest)
                        .setNodeNonce(digest)
                        .setModel("acme/net")
                        .setVersionId(id)
                        .setManifestDigest(digest)
                        .setEvidence(
                                ByteString.copyFrom(
                                        new Evidence(
                                                        Evidence.Format.SNP_REPORT,
                                                        new byte[64],
                                                        List.of(digest.toByteArray()))
                                                .encode()))
                        .setTlsSpki(digest)
                        .setBootId(id)
                        .setPosture(1)
                        .setReleasePolicyDigest(digest)
                        .setOutputPolicyDigest(digest)
                        .build()
                        .toByteArray());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsARequestOrRefuses(byte[] input) throws Exception {
        RenewLeaseRequest message;
        try {
            message = RenewLeaseRequest.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            return; // gRPC refuses it before we see it
        }
        Hostile.read(input, RefusedException.class, _ -> Messages.renewalRequest(message));
    }
}
