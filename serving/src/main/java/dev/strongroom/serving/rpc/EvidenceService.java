package dev.strongroom.serving.rpc;

import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.enclave.lease.ServingProof;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc.NodeEvidenceImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers who this node is, with evidence over the caller's nonce. One report is made at a time,
 * since the platform's firmware does no more.
 *
 * <p>Thread-safe. The owner closes it.
 */
public final class EvidenceService extends NodeEvidenceImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceService.class);
    private static final int QUEUED = 64;

    private final String model;
    private final ServingProof proof;
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(QUEUED),
                    Thread.ofPlatform().name("evidence-", 0).factory());

    /**
     * @param model {@code tenant/name}
     */
    public EvidenceService(String model, ServingProof proof) {
        this.model = model;
        this.proof = proof;
    }

    @Override
    public void getEvidence(
            GetEvidenceRequest request, StreamObserver<GetEvidenceResponse> observer) {
        try {
            pool.execute(() -> Replies.answer(observer, () -> evidence(request)));
        } catch (RejectedExecutionException full) {
            observer.onError(
                    new RefusedException(
                                    Status.Code.RESOURCE_EXHAUSTED,
                                    "OVERLOADED",
                                    "too many ask for evidence; try again later")
                            .status());
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }

    private GetEvidenceResponse evidence(GetEvidenceRequest request) throws RefusedException {
        if (!request.getModel().equals(model)) {
            throw new RefusedException(
                    Status.Code.NOT_FOUND,
                    "MODEL_NOT_FOUND",
                    "model '%s' is not served here (expected: %s)"
                            .formatted(InferenceRequest.echo(request.getModel()), model));
        }
        if (request.getNonce().size() != Transcript.NONCE_BYTES) {
            throw RefusedException.invalid(
                    "NONCE",
                    "nonce: expected %d bytes, got %d"
                            .formatted(Transcript.NONCE_BYTES, request.getNonce().size()));
        }
        try {
            return proof.answer(request.getNonce().toByteArray());
        } catch (GuestException e) {
            LOG.warn("evidence.failed {}", e.getMessage());
            throw new RefusedException(
                    Status.Code.UNAVAILABLE,
                    "EVIDENCE_UNAVAILABLE",
                    "this machine gave no evidence; try again, or ask the node's operator");
        }
    }
}
