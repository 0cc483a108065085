package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.NodeProof.Binding;
import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.proto.v1.ChannelBinding;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.GetStandingRequest;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.proto.v1.Standing;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Opens a channel to a node and has the node prove itself. In the handshake by its certificate,
 * where that carries evidence; then, unless that evidence is young enough for the target, over a
 * fresh nonce and the exporter of the TLS session.
 *
 * <p>Thread-safe.
 */
final class NodeAttestation {
    private static final Duration CALL = Duration.ofMinutes(2); // a platform may queue reports

    private final NodeTarget target;
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final SecureRandom random;

    /** A channel and what its node has proven. */
    record Attested(ManagedChannel channel, NodeProof proof) {}

    NodeAttestation(
            NodeTarget target, TrustAnchors anchors, InstantSource clock, SecureRandom random) {
        this.target = target;
        this.anchors = anchors;
        this.clock = clock;
        this.random = random;
    }

    Attested attest() throws ClientException, IOException {
        try (var log = new LazyVault(target)) {
            var verifier = new NodeVerifier(target, anchors, clock, log);
            Channels.Node node =
                    Channels.openNode(
                            target.profile(),
                            target.node(),
                            AttestedName.of(target.model().tenant()),
                            authority ->
                                    new NodePeer(
                                            authority,
                                            (answer, spki) ->
                                                    verifier.judge(
                                                            answer,
                                                            new Freshness.AfterLease(),
                                                            spki)));
            try {
                return new Attested(node.channel(), prove(node, verifier));
            } catch (StatusRuntimeException e) {
                node.channel().shutdownNow();
                throw translated(e);
            } catch (ClientException | IOException | RuntimeException e) {
                node.channel().shutdownNow();
                throw e;
            }
        }
    }

    private NodeProof prove(Channels.Node node, NodeVerifier verifier)
            throws ClientException, IOException {
        Optional<Duration> maxAge = target.evidenceMaxAge();
        if (maxAge.isPresent()) {
            Standing standing = standing(node);
            Predicate<NodePeer.Shown> young = shown -> isYoung(shown, maxAge.get());
            NodePeer.Shown shown = node.peer().shown();
            if (shown.judged().isPresent() && young.test(shown)) {
                node.peer().settle(young);
                return verifier.conclude(shown.judged().get(), standing);
            }
        }
        return ask(node, verifier);
    }

    private boolean isYoung(NodePeer.Shown shown, Duration maxAge) {
        return shown.judged().isPresent()
                && Freshness.isWithin(
                        maxAge, shown.judged().get().evidenceNotBefore(), clock.instant());
    }

    /** The vault's last word to the node, which a certificate cannot bring: it is made once. */
    private Standing standing(Channels.Node node) {
        return NodeEvidenceGrpc.newBlockingStub(node.channel())
                .withDeadlineAfter(CALL)
                .getStanding(
                        GetStandingRequest.newBuilder().setModel(target.model().toString()).build())
                .getStanding();
    }

    /** True when the target wants younger evidence by now, or a younger word of the vault's. */
    boolean isStale(NodeProof proof) {
        Instant now = clock.instant();
        boolean evidence =
                target.evidenceMaxAge()
                        .filter(age -> !Freshness.isWithin(age, proof.evidenceNotBefore(), now))
                        .isPresent();
        return evidence || !Freshness.isWithin(target.standingMaxAge(), proof.notRevokedAt(), now);
    }

    private NodeProof ask(Channels.Node node, NodeVerifier verifier)
            throws ClientException, IOException {
        byte[] nonce = new byte[Transcript.NONCE_BYTES];
        random.nextBytes(nonce);
        Instant asked = clock.instant();
        var session = new CallSession();
        GetEvidenceResponse answer =
                NodeEvidenceGrpc.newBlockingStub(node.channel())
                        .withInterceptors(session)
                        .withDeadlineAfter(CALL)
                        .getEvidence(
                                GetEvidenceRequest.newBuilder()
                                        .setNonce(ByteString.copyFrom(nonce))
                                        .setModel(target.model().toString())
                                        .setBinding(ChannelBinding.CHANNEL_BINDING_TLS_EXPORTER)
                                        .build());
        byte[] exporter =
                ServingNonce.exporter(session.session())
                        .orElseThrow(() ->
                                ClientException.local(
                                        "this machine's TLS does not tell what binds a channel",
                                        "run it with JDK 25 or newer and its own TLS provider"));
        NodeProof proof =
                verifier.conclude(
                        verifier.judge(
                                answer,
                                new Freshness.Asked(
                                        ServingNonce.onChannel(nonce, exporter),
                                        asked,
                                        Binding.TLS_EXPORTER),
                                node.peer().shown().spki()),
                        answer.getStanding());
        node.peer().settle(_ -> false); // the proof is of this connection alone
        return proof;
    }

    /** True when a call was not sent because its connection would have been a new one. */
    static boolean isReconnect(StatusRuntimeException e) {
        return cause(e, ReconnectedException.class).isPresent();
    }

    /** What failed in the handshake is a failed verification; all else stays the node's answer. */
    static StatusRuntimeException translated(StatusRuntimeException e) throws ClientException {
        Optional<ClientException> judged = cause(e, ClientException.class);
        if (judged.isPresent()) {
            throw judged.get();
        }
        if (cause(e, PeerKeyChangedException.class).isPresent()) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    "the node now shows another TLS key than the one it attested",
                    "attest it again: the node may have been restarted, or replaced",
                    e);
        }
        return e;
    }

    private static <T extends Throwable> Optional<T> cause(Throwable thrown, Class<T> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
