package dev.strongroom.vault.rpc;

import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.release.ReleaseDecision;
import dev.strongroom.vault.release.ReleaseDesk;
import io.grpc.stub.StreamObserver;
import java.util.Map;

/** {@code strongroom.v1.Release}: evidence in, lease or refusal out. */
final class ReleaseService extends ReleaseGrpc.ReleaseImplBase {
    private final ReleaseDesk desk;
    private final byte[] vaultIdentity;

    ReleaseService(ReleaseDesk desk, byte[] vaultIdentity) {
        this.desk = desk;
        this.vaultIdentity = vaultIdentity.clone();
    }

    @Override
    public void getChallenge(
            GetChallengeRequest request, StreamObserver<GetChallengeResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var issued = desk.challenge(Principal.current());
                    return GetChallengeResponse.newBuilder()
                            .setNonce(Messages.bytes(issued.nonce()))
                            .setNotAfterMillis(issued.notAfter().toEpochMilli())
                            .setVaultIdentity(Messages.bytes(vaultIdentity))
                            .build();
                });
    }

    @Override
    public void requestLease(
            RequestLeaseRequest request, StreamObserver<RequestLeaseResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var decision = desk.decide(Principal.current(), Messages.leaseRequest(request));
                    return switch (decision) {
                        case ReleaseDecision.Released released -> message(released);
                        case ReleaseDecision.Refused refused -> throw refusal(refused);
                    };
                });
    }

    private static RequestLeaseResponse message(ReleaseDecision.Released released) {
        return RequestLeaseResponse.newBuilder()
                .setLease(Messages.bytes(released.lease()))
                .setWrappedKey(Messages.bytes(released.wrappedKey()))
                .setProof(Messages.proof(released.proof()))
                .addAllConsistency(Messages.hashes(released.consistency()))
                .addAllTlsChain(Messages.chain(released.tlsChain()))
                .build();
    }

    private static RefusedException refusal(ReleaseDecision.Refused refused) {
        return new RefusedException(
                Reason.RELEASE_REFUSED,
                "release refused by " + refused.rule() + ": " + refused.why(),
                Map.of(
                        "rule",
                        refused.rule(),
                        "audit-leaf",
                        Long.toString(refused.receipt().leafIndex())));
    }
}
