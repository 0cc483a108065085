package dev.strongroom.agent;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.proto.v1.AddPartRequest;
import dev.strongroom.proto.v1.AddPartResponse;
import dev.strongroom.proto.v1.DescribeAgentRequest;
import dev.strongroom.proto.v1.DescribeAgentResponse;
import dev.strongroom.proto.v1.GetPartChallengeRequest;
import dev.strongroom.proto.v1.GetPartChallengeResponse;
import dev.strongroom.proto.v1.OwnerAgentGrpc;
import dev.strongroom.proto.v1.ReleasePartRequest;
import dev.strongroom.proto.v1.ReleasePartResponse;
import dev.strongroom.proto.v1.RevokePartRequest;
import dev.strongroom.proto.v1.RevokePartResponse;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code strongroom.v1.OwnerAgent}: sizes are checked here, everything else at the desks. */
final class AgentService extends OwnerAgentGrpc.OwnerAgentImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(AgentService.class);
    private static final String DOMAIN = "strongroom";
    private static final int MAX_SPKI_BYTES = 1024; // RSA-3072 takes 422

    private final PartDesk parts;
    private final OwnerDesk owners;
    private final DescribeAgentResponse description;
    private final Room room = new Room();

    private interface Call<T> {
        T answer(String peer) throws DeniedException;
    }

    AgentService(PartDesk parts, OwnerDesk owners, AgentKeys keys, Digest owner, Tee tee) {
        this.parts = parts;
        this.owners = owners;
        this.description =
                DescribeAgentResponse.newBuilder()
                        .setPartKeySpki(ByteString.copyFrom(keys.partSpki()))
                        .setOwnerId(ByteString.copyFrom(owner.bytes()))
                        .setTee(tee.label())
                        .build();
    }

    @Override
    public void describeAgent(
            DescribeAgentRequest request, StreamObserver<DescribeAgentResponse> observer) {
        answer(observer, _ -> description);
    }

    @Override
    public void addPart(AddPartRequest request, StreamObserver<AddPartResponse> observer) {
        answer(
                observer,
                peer ->
                        AddPartResponse.newBuilder()
                                .setDecision(
                                        owners.add(
                                                peer,
                                                limited(
                                                        request.getStatement(),
                                                        PartStatement.MAX_BYTES),
                                                limited(request.getOwnerSpki(), MAX_SPKI_BYTES)))
                                .build());
    }

    @Override
    public void revokePart(RevokePartRequest request, StreamObserver<RevokePartResponse> observer) {
        answer(
                observer,
                peer ->
                        RevokePartResponse.newBuilder()
                                .setDecision(
                                        owners.revoke(
                                                peer,
                                                limited(
                                                        request.getStatement(),
                                                        PartStatement.MAX_BYTES),
                                                limited(request.getOwnerSpki(), MAX_SPKI_BYTES)))
                                .build());
    }

    @Override
    public void getPartChallenge(
            GetPartChallengeRequest request, StreamObserver<GetPartChallengeResponse> observer) {
        answer(
                observer,
                peer -> {
                    Nonces.Issued issued = parts.challenge(peer);
                    return GetPartChallengeResponse.newBuilder()
                            .setNonce(ByteString.copyFrom(issued.nonce()))
                            .setNotAfterMillis(issued.notAfter().toEpochMilli())
                            .build();
                });
    }

    @Override
    public void releasePart(
            ReleasePartRequest request, StreamObserver<ReleasePartResponse> observer) {
        answer(
                observer,
                peer -> {
                    PartDesk.Released released = parts.release(peer, request(request));
                    return ReleasePartResponse.newBuilder()
                            .setWrappedPart(ByteString.copyFrom(released.wrappedPart()))
                            .setDecision(released.decision())
                            .build();
                });
    }

    private static PartRequest request(ReleasePartRequest request) {
        return new PartRequest(
                fixed(request.getNonce(), Transcript.NONCE_BYTES),
                limited(request.getManifest(), Manifest.MAX_BYTES),
                request.getPolicies(),
                limited(request.getEvidence(), Evidence.MAX_BYTES),
                limited(request.getKemSpki(), MAX_SPKI_BYTES),
                limited(request.getTlsSpki(), MAX_SPKI_BYTES),
                fixed(request.getBootId(), Transcript.BOOT_ID_BYTES),
                Posture.ofLevel(request.getPosture()),
                coOwners(request.getCoOwnersList()));
    }

    /** What order they are in is looked at with the owner. */
    private static List<Digest> coOwners(List<ByteString> ids) {
        if (ids.size() >= NodeOwners.MAX_OWNERS) {
            throw new IllegalArgumentException("expected fewer co-owners");
        }
        return ids.stream().map(id -> Digest.of(fixed(id, Digest.BYTES))).toList();
    }

    private static byte[] fixed(ByteString bytes, int length) {
        if (bytes.size() != length) {
            throw new IllegalArgumentException("expected " + length + " bytes");
        }
        return bytes.toByteArray();
    }

    private static byte[] limited(ByteString bytes, int max) {
        if (bytes.isEmpty() || bytes.size() > max) {
            throw new IllegalArgumentException("expected 1 to " + max + " bytes");
        }
        return bytes.toByteArray();
    }

    private <T> void answer(StreamObserver<T> observer, Call<T> call) {
        String peer = Peer.current();
        if (!room.enter(peer)) {
            observer.onError(status(Code.RESOURCE_EXHAUSTED, "BUSY", "busy; try again"));
            return;
        }
        try {
            observer.onNext(call.answer(peer));
            observer.onCompleted();
        } catch (DeniedException e) {
            observer.onError(status(e));
        } catch (IllegalArgumentException e) {
            observer.onError(
                    status(
                            Code.INVALID_ARGUMENT,
                            "MALFORMED",
                            "a field of the request is not of its size or range"));
        } catch (RuntimeException | Error e) {
            LOG.error("call.failed", e);
            observer.onError(status(Code.INTERNAL, "INTERNAL", "the agent failed; see its log"));
        } finally {
            room.leave(peer);
        }
    }

    private static Exception status(DeniedException denied) {
        String said = String.valueOf(denied.getMessage());
        return switch (denied.kind()) {
            case REFUSED -> status(Code.PERMISSION_DENIED, "PART_REFUSED", said);
            case TOO_MANY -> status(Code.RESOURCE_EXHAUSTED, "TOO_MANY_REQUESTS", said);
            case FAILED -> status(Code.UNAVAILABLE, "AGENT_FAILED", said);
        };
    }

    private static Exception status(Code code, String reason, String message) {
        return StatusProto.toStatusException(
                Status.newBuilder()
                        .setCode(code.value())
                        .setMessage(message)
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setReason(reason)
                                                .setDomain(DOMAIN)
                                                .build()))
                        .build());
    }
}
