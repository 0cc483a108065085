package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelMetadataResponse.TensorMetadata;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A channel to a serving node that has proven what it is. Nothing is sent to a node before its
 * evidence, lease and log entry are verified, and nothing ever goes to another TLS key than the one
 * that the evidence speaks for, also after the channel reconnects.
 *
 * <p>Failed checks are {@link ClientException}s of kind VERIFICATION_FAILED, what the node refuses
 * is gRPC's {@code StatusRuntimeException}. The caller closes the client. Thread-safe.
 */
public final class InferenceClient implements AutoCloseable {
    private static final Duration CALL = Duration.ofMinutes(2); // large batches on a CPU

    private final Channels.Pinned connection;
    private final NodeTarget target;
    private final NodeProof proof;

    private InferenceClient(Channels.Pinned connection, NodeTarget target, NodeProof proof) {
        this.connection = connection;
        this.target = target;
        this.proof = proof;
    }

    /**
     * Connects, asks for evidence over a fresh nonce and verifies everything that the node shows.
     *
     * @param anchors the roots this process believes
     */
    public static InferenceClient attest(
            NodeTarget target, TrustAnchors anchors, InstantSource clock, SecureRandom random)
            throws ClientException, IOException {
        Channels.Pinned connection = Channels.open(target.profile(), target.node());
        try (var log = new LazyVault(target)) {
            byte[] nonce = new byte[Transcript.NONCE_BYTES];
            random.nextBytes(nonce);
            Instant asked = clock.instant();
            var answer =
                    NodeEvidenceGrpc.newBlockingStub(connection.channel())
                            .withDeadlineAfter(CALL)
                            .getEvidence(
                                    GetEvidenceRequest.newBuilder()
                                            .setNonce(ByteString.copyFrom(nonce))
                                            .setModel(target.model().toString())
                                            .build());
            NodeProof proof =
                    new NodeVerifier(target, anchors, clock, log)
                            .verify(answer, nonce, asked, connection.peer().spki());
            return new InferenceClient(connection, target, proof);
        } catch (ClientException | IOException | RuntimeException e) {
            connection.channel().shutdownNow();
            throw e;
        }
    }

    /** What the node has proven. */
    public NodeProof proof() {
        return proof;
    }

    /** What the model takes and gives. */
    public ModelSignature signature() throws ClientException {
        try {
            var metadata =
                    stub().modelMetadata(
                                    ModelMetadataRequest.newBuilder()
                                            .setName(target.model().toString())
                                            .build());
            return new ModelSignature(
                    ports(metadata.getInputsList()), ports(metadata.getOutputsList()));
        } catch (StatusRuntimeException e) {
            throw translated(e);
        }
    }

    /**
     * One inference.
     *
     * @return the outputs in the node's order
     */
    public List<Tensor> infer(List<Tensor> inputs) throws ClientException {
        try {
            var request = TensorCodec.request(target.model().toString(), inputs);
            return TensorCodec.outputs(stub().modelInfer(request.build()));
        } catch (StatusRuntimeException e) {
            throw translated(e);
        }
    }

    @Override
    public void close() {
        connection.channel().shutdownNow();
    }

    private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub() {
        return GRPCInferenceServiceGrpc.newBlockingStub(connection.channel())
                .withMaxOutboundMessageSize(Channels.MAX_MESSAGE_BYTES)
                .withDeadlineAfter(CALL);
    }

    private static List<ModelSignature.Port> ports(List<TensorMetadata> tensors)
            throws ClientException {
        var ports = new ArrayList<ModelSignature.Port>();
        for (TensorMetadata tensor : tensors) {
            ports.add(
                    new ModelSignature.Port(
                            tensor.getName(),
                            DataType.ofName(tensor.getDatatype()),
                            tensor.getShapeList()));
        }
        return ports;
    }

    /** A changed peer key is a failed verification; everything else stays the node's answer. */
    private static StatusRuntimeException translated(StatusRuntimeException e)
            throws ClientException {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PeerKeyChangedException) {
                throw new ClientException(
                        ClientException.Kind.VERIFICATION_FAILED,
                        "the node now shows another TLS key than the one it attested",
                        "attest it again: the node may have been restarted, or replaced",
                        e);
            }
        }
        return e;
    }

    /** Connects to the vault only when the log's consistency must be proven. */
    private static final class LazyVault implements ConsistencyProofs, AutoCloseable {
        private final NodeTarget target;
        private final List<VaultConnection> opened = new ArrayList<>();

        LazyVault(NodeTarget target) {
            this.target = target;
        }

        @Override
        public List<Digest> between(long fromSize, long toSize) throws ClientException {
            String address =
                    target.vault()
                            .orElseThrow(() ->
                                    ClientException.local(
                                            "the node's log entry is of another time than"
                                                    + " what was seen; only the vault can"
                                                    + " prove that the log continues",
                                            "give the vault's address with --addr"));
            try {
                var vault = VaultConnection.open(target.profile(), address);
                opened.add(vault);
                return vault.between(fromSize, toSize);
            } catch (IOException e) {
                throw new ClientException(
                        ClientException.Kind.LOCAL,
                        "the identity in " + target.profile().folder() + " cannot be read",
                        "create it again: strongroom identity create",
                        e);
            }
        }

        @Override
        public void close() {
            opened.forEach(VaultConnection::close);
        }
    }
}
