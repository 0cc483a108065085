package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ExchangeDigest;
import dev.strongroom.crypto.format.Receipt;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelMetadataResponse.TensorMetadata;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A channel to a serving node that has proven what it is. The node is judged inside the TLS
 * handshake by the evidence in its certificate, and asked for evidence over a fresh nonce and this
 * very TLS session unless the target takes the certificate's for young enough. Nothing is sent to a
 * node before its evidence, lease and log entry are verified. When the connection ends, or what was
 * proven is older than the target allows, the next call attests the node again.
 *
 * <p>Failed checks are {@link ClientException}s of kind VERIFICATION_FAILED, what the node refuses
 * is gRPC's {@code StatusRuntimeException}. The caller closes the client. Thread-safe.
 */
public final class InferenceClient implements AutoCloseable {
    private static final Duration CALL = Duration.ofMinutes(2); // large batches on a CPU

    private static final Duration SEQUENCE = Duration.ofMinutes(15);

    private static final String RECEIPT = "receipt"; // the parameter's name

    private final NodeTarget target;
    private final ReceiptCheck receipts;
    private final NodeAttestation attestation;
    private final InstantSource clock;
    private final ReentrantLock attesting = new ReentrantLock();
    private volatile NodeAttestation.Attested attested;

    private InferenceClient(
            NodeTarget target,
            ReceiptCheck receipts,
            NodeAttestation attestation,
            InstantSource clock)
            throws ClientException, IOException {
        this.clock = clock;
        this.target = target;
        this.receipts = receipts;
        this.attestation = attestation;
        this.attested = attestation.attest();
    }

    /**
     * Connects and verifies everything that the node shows.
     *
     * @param anchors the roots this process believes
     */
    public static InferenceClient attest(
            NodeTarget target, TrustAnchors anchors, InstantSource clock, SecureRandom random)
            throws ClientException, IOException {
        return new InferenceClient(
                target,
                new ReceiptCheck(target.pin(), target.profile().requireOwner(), anchors),
                new NodeAttestation(target, anchors, clock, random),
                clock);
    }

    /** What the node has proven last. */
    public NodeProof proof() {
        return attested.proof();
    }

    /** What the model takes and gives. */
    public ModelSignature signature() throws ClientException {
        var request =
                ModelMetadataRequest.newBuilder()
                        .setName(target.model().toString())
                        .setVersion(alias())
                        .build();
        var metadata = call(channel -> stub(channel, CALL).modelMetadata(request));
        return new ModelSignature(
                ports(metadata.getInputsList()), ports(metadata.getOutputsList()));
    }

    /**
     * One inference. A node may ask this caller for work first, which takes up to two minutes.
     *
     * @return the outputs in the node's order
     */
    public List<Tensor> infer(List<Tensor> inputs) throws ClientException {
        var request =
                TensorCodec.request(target.model().toString(), inputs)
                        .setModelVersion(alias())
                        .build();
        return TensorCodec.outputs(ask(request, inputs, CALL));
    }

    /** Does the work that the node asks for, if it does, and asks again. */
    private ModelInferResponse ask(
            ModelInferRequest request, List<Tensor> inputs, Duration patience)
            throws ClientException {
        try {
            return call(channel -> stub(channel, patience).modelInfer(request));
        } catch (StatusRuntimeException e) {
            Optional<OwedWork> work = OwedWork.in(e);
            if (work.isEmpty()) {
                throw e;
            }
            Digest question =
                    ExchangeDigest.request(request.getModelName(), "", TensorCodec.parts(inputs));
            ModelInferRequest paid = work.get().done(request, question, clock);
            return call(channel -> stub(channel, patience).modelInfer(paid));
        }
    }

    /**
     * Has a decoder go on with a sequence.
     *
     * @param each gets every token when it comes, on the calling thread
     * @throws StatusRuntimeException what the node refuses, after some tokens perhaps: a budget
     *     that is spent, a lease that ends
     */
    public Generated generate(GenerationRequest request, Consumer<GeneratedToken> each)
            throws ClientException {
        ModelInferRequest message =
                GenerationCodec.request(target.model().toString(), request).toBuilder()
                        .setModelVersion(alias())
                        .build();
        return call(channel ->
                TokenStream.run(
                        GRPCInferenceServiceGrpc.newStub(channel)
                                .withMaxOutboundMessageSize(Channels.MAX_MESSAGE_BYTES)
                                .withDeadlineAfter(SEQUENCE),
                        message,
                        each));
    }

    /**
     * An answer with the node's signature for it.
     *
     * @param version that answered
     * @param outputs in the node's order
     * @param receipt verified, and about this very question and answer
     */
    public record Signed(String model, String version, List<Tensor> outputs, Receipt receipt) {
        public Signed {
            outputs = List.copyOf(outputs);
        }
    }

    /**
     * A sequence with the node's signature for it.
     *
     * @param question as the receipt has it
     */
    public record SignedSequence(Generated generated, List<Tensor> question, Signed signed) {
        public SignedSequence {
            question = List.copyOf(question);
        }
    }

    /** One inference with a receipt. */
    public Signed inferSigned(List<Tensor> inputs) throws ClientException, IOException {
        ModelInferRequest request =
                withReceipt(TensorCodec.request(target.model().toString(), inputs).build());
        return signed(ask(request, inputs, CALL), inputs);
    }

    /** A decoder's whole sequence with a receipt, in one answer. */
    public SignedSequence generateSigned(GenerationRequest request)
            throws ClientException, IOException {
        ModelInferRequest message =
                withReceipt(GenerationCodec.request(target.model().toString(), request));
        List<Tensor> prompt = List.of(GenerationCodec.prompt(request));
        ModelInferResponse answer = ask(message, prompt, SEQUENCE);
        var generated =
                new Generated(GenerationCodec.tokens(answer), GenerationCodec.finish(answer));
        return new SignedSequence(generated, prompt, signed(answer, prompt));
    }

    private ModelInferRequest withReceipt(ModelInferRequest request) {
        return request.toBuilder()
                .setModelVersion(alias())
                .putParameters(RECEIPT, InferParameter.newBuilder().setBoolParam(true).build())
                .build();
    }

    private Signed signed(ModelInferResponse answer, List<Tensor> inputs)
            throws ClientException, IOException {
        List<Tensor> outputs = TensorCodec.outputs(answer);
        Receipt receipt = receipt(answer);
        ReceiptCheck.Proven proven = receipts.verify(receipt);
        Checks.require(
                proven.lease().manifestDigest().equals(proof().manifestDigest())
                        && proven.statement().model().equals(target.model()),
                "the node's receipt is of another version than the one that it proved",
                "do not rely on this answer");
        proven.requireQuestion("", inputs);
        proven.requireAnswer(Optional.of(answer.getModelVersion()), answer.getId(), outputs);
        return new Signed(target.model().toString(), answer.getModelVersion(), outputs, receipt);
    }

    /** As a request names the version that is asked for. */
    private String alias() {
        return target.alias().map(AliasName::value).orElse("");
    }

    private static Receipt receipt(ModelInferResponse answer) throws ClientException {
        InferParameter parameter =
                answer.getParametersOrDefault(RECEIPT, InferParameter.getDefaultInstance());
        return Checks.verified(
                "the node's receipt",
                "ask a node that gives receipts",
                () -> Receipt.decode(Base64.getDecoder().decode(parameter.getStringParam())));
    }

    @Override
    public void close() {
        attested.channel().shutdownNow();
    }

    /** What is done over the channel to a node that has proven itself. */
    @FunctionalInterface
    private interface Call<T> {
        T over(ManagedChannel channel) throws ClientException;
    }

    private <T> T call(Call<T> call) throws ClientException {
        NodeAttestation.Attested now = fresh();
        try {
            return call.over(now.channel());
        } catch (StatusRuntimeException e) {
            if (!NodeAttestation.isReconnect(e)) {
                throw NodeAttestation.translated(e);
            }
        }
        try {
            return call.over(again(now).channel());
        } catch (StatusRuntimeException e) {
            throw NodeAttestation.translated(e);
        }
    }

    /** What the node has proven lately enough for the target; calls that run are left alone. */
    private NodeAttestation.Attested fresh() throws ClientException {
        NodeAttestation.Attested now = attested;
        try {
            return attestation.isStale(now.proof()) ? again(now) : now;
        } catch (StatusRuntimeException e) {
            throw NodeAttestation.translated(e);
        }
    }

    /** The call was refused in the handshake and never sent: it may be made on a new channel. */
    private NodeAttestation.Attested again(NodeAttestation.Attested ended) throws ClientException {
        attesting.lock();
        try {
            if (attested.equals(ended)) {
                ended.channel().shutdown();
                attested = attestation.attest();
            }
            return attested;
        } catch (IOException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the context folder " + target.profile().folder() + " cannot be read",
                    "look at its files and modes",
                    e);
        } finally {
            attesting.unlock();
        }
    }

    private static GRPCInferenceServiceBlockingStub stub(
            ManagedChannel channel, Duration patience) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .withMaxOutboundMessageSize(Channels.MAX_MESSAGE_BYTES)
                .withDeadlineAfter(patience);
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
}
