package dev.strongroom.serving.rpc;

import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.transparency.NonceBatch;
import dev.strongroom.enclave.lease.ServingProof;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.GetStandingRequest;
import dev.strongroom.proto.v1.GetStandingResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc.NodeEvidenceImplBase;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Lasting;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers who this node is and what it serves, with evidence over the callers' nonces: one report
 * at a time, since the platform's firmware does no more, for all who asked while the one before was
 * made.
 *
 * <p>Thread-safe. The owner closes it.
 */
public final class EvidenceService extends NodeEvidenceImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceService.class);
    private static final int WAITING = 1024; // four reports' worth; a nonce takes 32 bytes

    private final Proofs proofs;
    private final BlockingQueue<Asked> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Thread worker;

    /**
     * What a model proves itself by.
     *
     * @param admission a model that is closed proves nothing
     */
    public record Proven(ServingProof proof, Admission admission) {}

    /** The models of this node. Implementations are thread-safe and do not block. */
    public interface Proofs {
        /**
         * Of a model of the caller's tenant.
         *
         * @param name {@code tenant/name}
         */
        Proven of(Caller caller, String name) throws RefusedException;

        /**
         * The same of a model that this caller is about to ask, who sends it nothing before it has
         * proved itself: one that is away is brought in, if it may answer him.
         */
        Proven soonOf(Caller caller, String name) throws RefusedException;
    }

    private record Asked(Proven of, byte[] nonce, StreamObserver<GetEvidenceResponse> observer) {}

    public EvidenceService(Proofs proofs) {
        this.proofs = proofs;
        this.worker = Thread.ofPlatform().name("evidence").daemon().start(this::work);
    }

    @Override
    public void getEvidence(
            GetEvidenceRequest request, StreamObserver<GetEvidenceResponse> observer) {
        try {
            Proven of = proofs.soonOf(Connections.caller(), request.getModel());
            requireFit(request);
            if (!waiting.offer(new Asked(of, bound(request), observer))) {
                throw new RefusedException(
                        Status.Code.RESOURCE_EXHAUSTED,
                        "OVERLOADED",
                        "too many ask for evidence; try again later");
            }
        } catch (RefusedException e) {
            observer.onError(e.status());
        }
    }

    @Override
    public void getStanding(
            GetStandingRequest request, StreamObserver<GetStandingResponse> observer) {
        Caller caller = Connections.caller();
        Replies.answer(observer, () -> standing(caller, request));
    }

    private GetStandingResponse standing(Caller caller, GetStandingRequest request)
            throws RefusedException {
        Proven of = proofs.of(caller, request.getModel());
        requireOpen(of);
        return of.proof()
                .standing()
                .map(word -> GetStandingResponse.newBuilder().setStanding(word).build())
                .orElseThrow(() ->
                        new RefusedException(
                                Status.Code.UNAVAILABLE,
                                "STANDING_UNAVAILABLE",
                                "the vault has said nothing of this node's lease yet; try again"));
    }

    @Override
    public void close() {
        worker.interrupt();
    }

    private static void requireOpen(Proven of) throws RefusedException {
        Optional<Admission.Refusal> ended = of.admission().refusal();
        if (ended.isPresent()) {
            throw new RefusedException(
                    Status.Code.UNAVAILABLE, ended.get().reason(), ended.get().message());
        }
    }

    private static void requireFit(GetEvidenceRequest request) throws RefusedException {
        if (request.getNonce().size() != Transcript.NONCE_BYTES) {
            throw RefusedException.invalid(
                    "NONCE",
                    "nonce: expected %d bytes, got %d"
                            .formatted(Transcript.NONCE_BYTES, request.getNonce().size()));
        }
    }

    /** The leaf of the caller's nonce, tied to his channel where he asks for that. */
    static byte[] bound(GetEvidenceRequest request) throws RefusedException {
        byte[] nonce = request.getNonce().toByteArray();
        return switch (request.getBinding()) {
            case CHANNEL_BINDING_PEER_KEY -> ServingNonce.onPeerKey(nonce);
            case CHANNEL_BINDING_TLS_EXPORTER ->
                    ServingNonce.onChannel(
                            nonce,
                            ServingNonce.exporter(Connections.SESSION.get())
                                    .orElseThrow(() ->
                                            RefusedException.invalid(
                                                    "BINDING",
                                                    "binding: this node's TLS has no exporter")));
            case UNRECOGNIZED ->
                    throw RefusedException.invalid("BINDING", "binding: expected 0 or 1");
        };
    }

    private void work() {
        try {
            while (true) {
                List<Asked> batch = new ArrayList<>();
                batch.add(waiting.take());
                waiting.drainTo(batch, NonceBatch.MAX_NONCES - 1);
                Lasting.look(LOG, "evidence.not_answered", () -> answer(batch)).run();
            }
        } catch (InterruptedException closed) {
            waiting.clear(); // the server ends their calls
        }
    }

    private void answer(List<Asked> batch) {
        batch.stream().collect(Collectors.groupingBy(Asked::of)).forEach(this::answer);
    }

    private void answer(Proven of, List<Asked> batch) {
        List<GetEvidenceResponse> answers;
        try {
            answers = evidence(of, batch);
        } catch (RefusedException e) {
            batch.forEach(asked -> asked.observer().onError(e.status()));
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            send(batch.get(i).observer(), answers.get(i));
        }
    }

    private static List<GetEvidenceResponse> evidence(Proven of, List<Asked> batch)
            throws RefusedException {
        requireOpen(of);
        try {
            return of.proof().answers(batch.stream().map(Asked::nonce).toList());
        } catch (GuestException | RuntimeException e) {
            LOG.warn("evidence.failed", e);
            throw new RefusedException(
                    Status.Code.UNAVAILABLE,
                    "EVIDENCE_UNAVAILABLE",
                    "this machine gave no evidence; try again, or ask the node's operator");
        }
    }

    /** Who has gone meanwhile keeps nobody else waiting. */
    private static void send(
            StreamObserver<GetEvidenceResponse> observer, GetEvidenceResponse answer) {
        try {
            Replies.send(observer, answer);
        } catch (StatusRuntimeException | IllegalStateException gone) {
            LOG.debug("evidence.not-wanted", gone);
        }
    }
}
