package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.GetConsistencyProofRequest;
import dev.strongroom.proto.v1.GetConsistencyProofResponse;
import io.grpc.stub.StreamObserver;

/** Proves that a vault's log only grew. */
final class ServedLog extends AuditGrpc.AuditImplBase {
    private final TestVault vault;

    ServedLog(TestVault vault) {
        this.vault = vault;
    }

    @Override
    public void getConsistencyProof(
            GetConsistencyProofRequest request,
            StreamObserver<GetConsistencyProofResponse> answers) {
        answers.onNext(
                GetConsistencyProofResponse.newBuilder()
                        .addAllPath(
                                vault.between(request.getFromSize(), request.getToSize()).stream()
                                        .map(hash -> ByteString.copyFrom(hash.bytes()))
                                        .toList())
                        .build());
        answers.onCompleted();
    }
}
