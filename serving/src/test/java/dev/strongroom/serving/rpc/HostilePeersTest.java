package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.PeerLimits;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import dev.strongroom.testkit.Eventually;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers who do not finish what they begin, never read, or talk without end. Each test ends with an
 * answer to somebody else.
 */
@Timeout(120)
class HostilePeersTest {
    private static final TestPeers PEERS = new TestPeers();
    private static final Issued ATTACKER = PEERS.caller("consumer");
    private static final String INFER =
            GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName();
    private static final int BYTES = 1 << 20;
    private static final int ENHANCE_YOUR_CALM = 11; // RFC 9113, section 7
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofSeconds(2);

    @TempDir private Path scratch;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
    private InferencePath path;

    @BeforeEach
    void model() throws Exception {
        OpenedModel model = OpenedModel.of(OnnxModel.echo(), scratch);
        open.add(model);
        path =
                new InferencePath(
                        ServedModels.only(
                                new ServedModel("acme/net", "1", model.engine(), new OpenLease())),
                        Guard.OPEN,
                        limits(LONG));
        open.add(path);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void aCallThatNeverFinishesItsRequestIsEnded() throws Exception {
        NodeServer server = serve(limits(SHORT));
        ClientCall<ModelInferRequest, ?> call =
                begin(server, GRPCInferenceServiceGrpc.getModelInferMethod());

        call.sendMessage(request(8)); // and no half-close

        Status end = ends.take();
        assertThat(end.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(end.getDescription()).contains("nothing was sent or read", "2000 ms");
        answers(server);
    }

    @Test
    void aStreamOnWhichNobodySendsIsEndedAndOneInUseIsNot() throws Exception {
        NodeServer server = serve(limits(Duration.ofSeconds(3)));
        ClientCall<ModelInferRequest, ?> used =
                begin(server, GRPCInferenceServiceGrpc.getModelStreamInferMethod());
        begin(server, GRPCInferenceServiceGrpc.getModelStreamInferMethod());
        Status ended = null;
        while (ended == null) {
            used.sendMessage(request(8));
            used.request(1);
            ended = ends.poll(50, TimeUnit.MILLISECONDS);
        }
        assertThat(ended.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(ends).as("the other one").isEmpty();
        used.halfClose();
        used.request(1000);
        assertThat(ends.take().isOk()).isTrue();
        answers(server);
    }

    @Test
    void aStreamWhoseAnswersNobodyReadsIsEnded() throws Exception {
        NodeServer server = serve(limits(SHORT));
        ClientCall<ModelInferRequest, ModelStreamInferResponse> deaf =
                begin(server, GRPCInferenceServiceGrpc.getModelStreamInferMethod());
        sendFour(deaf);

        deaf.halfClose();
        assertThat(ends.poll(2 * SHORT.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        deaf.request(1000);

        assertThat(ends.take().getCode())
                .as("read in time it would have been OK")
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        answers(server);
    }

    @Test
    void answersThatWereSentAndNotReadCountAsUnread() throws Exception {
        NodeServer server = serve(limits(LONG));
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        ClientCall<ModelInferRequest, ModelStreamInferResponse> deaf =
                channel(server, ATTACKER)
                        .newCall(
                                GRPCInferenceServiceGrpc.getModelStreamInferMethod(),
                                CallOptions.DEFAULT);
        deaf.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(ModelStreamInferResponse answer) {
                        answers.add(answer.getErrorMessage());
                    }
                },
                new Metadata());
        sendFour(deaf);
        deaf.halfClose();

        deaf.request(4);

        assertThat(answers.take()).isEmpty();
        assertThat(answers.take()).isEmpty();
        assertThat(answers.take()).startsWith("ANSWERS_UNREAD");
        assertThat(answers.take()).startsWith("ANSWERS_UNREAD");
        answers(server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ModelInfer", "ModelStreamInfer"})
    void requestsThatAreBegunAndNotFinishedAreBoundedForOneIdentity(String name) throws Exception {
        NodeServer server = serve(ServingLimits.of(1, 1, 64)); // 64 KiB a message, 128 for one
        String method = GRPCInferenceServiceGrpc.SERVICE_NAME + '/' + name;
        try (RawPeer peer = RawPeer.connect(server.port(), PEERS.ca(), ATTACKER)) {
            for (int stream = 1; stream < 20; stream += 2) {
                peer.call(stream, method);
                peer.begin(stream, 60_000, 6_000);
            }
            peer.awaitHeard(); // what is heard last is what is refused
            try (RawPeer second = RawPeer.connect(server.port(), PEERS.ca(), ATTACKER)) {
                for (int stream = 1; stream < 27; stream += 2) {
                    second.call(stream, method);
                    second.begin(stream, 60_000, 6_000);
                }
                second.flush();
                Http2Headers end = second.readEnd();
                assertThat(end.get("grpc-status")).hasToString("8");
                assertThat(end.get("grpc-message").toString()).contains("have not arrived");
            }
            answers(server);
        }
    }

    @Test
    void aConnectionThatIsNeverSecuredIsClosed() throws Exception {
        NodeServer server = serve(limits(SHORT));
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(new byte[] {22, 3, 1}); // a handshake's first bytes
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        answers(server);
    }

    @Test
    void anAddressHasSoManyConnectionsAndNoMoreAndEachThatEndsMakesRoom() throws Exception {
        NodeServer server = serve(TestLimits.connectionsPerAddress(limits(LONG), 6)); // 3 strangers
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
            open.add(socket);
            socket.setSoTimeout(100);
            sockets.add(socket);
        }

        Eventually.holds(() -> closed(sockets).size() == 1);

        List<Socket> kept = new ArrayList<>(sockets);
        kept.removeAll(closed(sockets));
        kept.getFirst().close();
        Eventually.holds(() -> connects(server));
        for (Socket socket : kept) {
            socket.close();
        }
        answers(server);
    }

    @Test
    void aPeerWhoPingsWithoutPauseIsCutOff() throws Exception {
        NodeServer server = serve(limits(LONG));
        try (RawPeer peer = RawPeer.connect(server.port(), PEERS.ca(), ATTACKER)) {
            for (int i = 0; i < 10; i++) {
                peer.send(RawPeer.PING, 0, 0, new byte[8]);
            }
            peer.flush();
            assertThat(peer.read(RawPeer.GOAWAY).errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
        }
        answers(server);
    }

    @Test
    void aPeerWhoBeginsCallsAndGivesThemUpWithoutPauseIsCutOff() throws Exception {
        NodeServer server = serve(limits(LONG));
        try (RawPeer peer = RawPeer.connect(server.port(), PEERS.ca(), ATTACKER)) {
            for (int i = 0; i < 3000; i++) {
                peer.call(2 * i + 1, INFER);
                peer.send(RawPeer.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
            }
            peer.flush();
            assertThat(peer.read(RawPeer.GOAWAY).errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
        } catch (IOException cutOff) {
            assertThat(cutOff).as("while it still spoke").isNotNull();
        }
        answers(server);
    }

    @Test
    void hugeMetadataIsRefused() throws Exception {
        NodeServer server = serve(limits(LONG));
        var huge = new Metadata();
        huge.put(Metadata.Key.of("x-huge", Metadata.ASCII_STRING_MARSHALLER), "h".repeat(100_000));
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(channel(server, ATTACKER))
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(huge));
        Status.Code code = Status.Code.OK;
        try {
            stub.modelInfer(request(8));
        } catch (StatusRuntimeException e) {
            code = e.getStatus().getCode();
        }
        assertThat(code).isIn(Status.Code.INTERNAL, Status.Code.RESOURCE_EXHAUSTED);
        answers(server);
    }

    private boolean connects(NodeServer server) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(200);
            return !isClosed(socket);
        }
    }

    /**
     * Of a mebibyte each: two are as much as one caller may leave unread, or have wait, so that
     * each is sent when those before it have run.
     */
    private void sendFour(ClientCall<ModelInferRequest, ModelStreamInferResponse> call)
            throws Exception {
        for (int i = 1; i <= 4; i++) {
            int sent = i;
            call.sendMessage(request(BYTES));
            Eventually.holds(() -> runs() == sent);
        }
    }

    private long runs() {
        return path.models(TestCaller.CALLER).inForce().getFirst().statistics().figures().runs();
    }

    private static List<Socket> closed(List<Socket> sockets) throws IOException {
        List<Socket> closed = new ArrayList<>();
        for (Socket socket : sockets) {
            if (isClosed(socket)) {
                closed.add(socket);
            }
        }
        return closed;
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException open) {
            return false;
        }
    }

    /** Somebody else is answered; what he needs may still be on its way back. */
    private void answers(NodeServer server) throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(channel(server, PEERS.caller("owner")))
                        .withWaitForReady();
        Eventually.holds(() -> {
            try {
                return stub.withDeadlineAfter(30, TimeUnit.SECONDS)
                                .modelInfer(request(8))
                                .getRawOutputContents(0)
                                .size()
                        == 8;
            } catch (StatusRuntimeException refused) {
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                return false;
            }
        });
    }

    private <A> ClientCall<ModelInferRequest, A> begin(
            NodeServer server, MethodDescriptor<ModelInferRequest, A> method) throws Exception {
        ClientCall<ModelInferRequest, A> call =
                channel(server, ATTACKER).newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        return call;
    }

    private static ServingLimits limits(Duration idle) {
        return TestLimits.peers(
                TestLimits.workingBytes(ServingLimits.of(BYTES, 2, 64), 1L << 50),
                new PeerLimits(
                        idle,
                        PeerLimits.DEFAULT_CONNECTIONS_PER_ADDRESS,
                        PeerLimits.Reflection.OFF));
    }

    private static ModelInferRequest request(int bytes) {
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(bytes);
        return request.addRawInputContents(ByteString.copyFrom(new byte[bytes])).build();
    }

    private NodeServer serve(ServingLimits limits) throws Exception {
        NodeServer server = PEERS.serve(limits, new InferenceService(path, "0.1.0"));
        open.add(server);
        return server;
    }

    private ManagedChannel channel(NodeServer server, Issued identity) {
        ManagedChannel channel =
                PEERS.channel(server, identity)
                        .flowControlWindow(BYTES / 4)
                        .maxInboundMessageSize(4 * BYTES)
                        .build();
        open.add(channel::shutdownNow);
        return channel;
    }
}
