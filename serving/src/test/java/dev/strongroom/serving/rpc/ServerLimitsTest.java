package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an admitted peer can hold on to. */
@Timeout(120)
class ServerLimitsTest {
    private static final TestPeers PEERS = new TestPeers();
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int CALLS = 32; // one identity's of those that describe

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final BlockingQueue<StreamObserver<GetEvidenceResponse>> held =
            new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamObserver<GetEvidenceResponse>> cancelled =
            new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamObserver<ModelStreamInferResponse>> streams =
            new LinkedBlockingQueue<>();
    private final BlockingQueue<Status> ended = new LinkedBlockingQueue<>();

    @AfterEach
    void closeChannels() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void closesAConnectionThatNobodyUses() throws Exception {
        try (NodeServer server =
                serve(new ConnectionLimits(Duration.ofSeconds(1), LONG, LONG, 100, _ -> true))) {
            ManagedChannel channel = connected(server);

            assertThat(leavesReady(channel)).isTrue();
        }
    }

    @Test
    void closesAConnectionThatIsTooOld() throws Exception {
        try (NodeServer server =
                serve(new ConnectionLimits(LONG, Duration.ofSeconds(1), LONG, 100, _ -> true))) {
            ManagedChannel channel = connected(server);

            assertThat(leavesReady(channel)).isTrue();
        }
    }

    @Test
    void manyConnectionsGetNoMoreCallsThanOne() throws Exception {
        try (NodeServer server = serve(ConnectionLimits.of(OutputPolicy.standard()))) {
            ManagedChannel first = channel(server);
            for (int i = 0; i < CALLS; i++) {
                call(first);
            }
            List<StreamObserver<GetEvidenceResponse>> open = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                open.add(held.take());
            }

            call(channel(server));
            assertThat(ended.take().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            call(channel(server, PEERS.caller("owner")));
            open.add(held.take()); // somebody else finds room
            open.forEach(
                    observer -> Replies.send(observer, GetEvidenceResponse.getDefaultInstance()));
            for (int i = 0; i <= CALLS; i++) {
                assertThat(ended.take().isOk()).isTrue();
            }
        }
    }

    @Test
    void openStreamsOfManyKeepNobodyFromTheNodesEvidenceAndOneIdentityHasHalfOfThem()
            throws Exception {
        try (NodeServer server = serve(ConnectionLimits.of(OutputPolicy.standard()))) {
            for (String role : List.of("consumer", "owner")) {
                ManagedChannel channel = channel(server, PEERS.caller(role));
                for (int i = 0; i < 17; i++) { // half of 1 worker, 1 place and 32 more
                    stream(channel);
                    streams.take();
                }
                stream(channel);
                Status refused = ended.take();
                assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(refused.getDescription()).contains("17 of one identity");
            }

            connected(server);
            closeChannels(); // a server that closes waits for streams
        }
    }

    @Test
    void aCallThatItsCallerGaveUpMakesRoom() throws Exception {
        try (NodeServer server = serve(ConnectionLimits.of(OutputPolicy.standard()))) {
            for (int round = 0; round < 3; round++) {
                ManagedChannel channel = channel(server);
                for (int i = 0; i < CALLS / 2; i++) {
                    call(channel);
                }
                for (int i = 0; i < CALLS / 2; i++) {
                    held.take();
                }
                channel.shutdownNow();
                for (int i = 0; i < CALLS / 2; i++) {
                    assertThat(ended.take().isOk()).isFalse();
                    cancelled.take();
                }
            }
        }
    }

    private NodeServer serve(ConnectionLimits connections) throws Exception {
        return PEERS.serve(
                ServingLimits.of(1 << 20, 1, 1),
                connections,
                new GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase() {
                    @Override
                    public StreamObserver<ModelInferRequest> modelStreamInfer(
                            StreamObserver<ModelStreamInferResponse> observer) {
                        streams.add(observer);
                        return new Nothing<>();
                    }
                },
                new NodeEvidenceGrpc.NodeEvidenceImplBase() {
                    @Override
                    public void getEvidence(
                            GetEvidenceRequest request,
                            StreamObserver<GetEvidenceResponse> observer) {
                        ((ServerCallStreamObserver<GetEvidenceResponse>) observer)
                                .setOnCancelHandler(() -> cancelled.add(observer));
                        held.add(observer);
                    }
                });
    }

    /** Of those who only open streams. */
    private static class Nothing<T> implements StreamObserver<T> {
        @Override
        public void onNext(T message) {}

        @Override
        public void onError(Throwable e) {}

        @Override
        public void onCompleted() {}
    }

    private void stream(ManagedChannel channel) {
        var _ =
                GRPCInferenceServiceGrpc.newStub(channel)
                        .modelStreamInfer(
                                new Nothing<>() {
                                    @Override
                                    public void onError(Throwable e) {
                                        ended.add(Status.fromThrowable(e));
                                    }
                                });
    }

    private void call(ManagedChannel channel) {
        NodeEvidenceGrpc.newStub(channel)
                .getEvidence(
                        GetEvidenceRequest.getDefaultInstance(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(GetEvidenceResponse answer) {}

                            @Override
                            public void onError(Throwable e) {
                                ended.add(Status.fromThrowable(e));
                            }

                            @Override
                            public void onCompleted() {
                                ended.add(Status.OK);
                            }
                        });
    }

    /** A channel on which a call succeeded. */
    private ManagedChannel connected(NodeServer server) throws Exception {
        ManagedChannel channel = channel(server);
        call(channel);
        Replies.send(held.take(), GetEvidenceResponse.getDefaultInstance());
        assertThat(ended.take().isOk()).isTrue();
        return channel;
    }

    private static boolean leavesReady(ManagedChannel channel) throws InterruptedException {
        var left = new CountDownLatch(1);
        channel.notifyWhenStateChanged(ConnectivityState.READY, left::countDown);
        return left.await(30, TimeUnit.SECONDS);
    }

    private ManagedChannel channel(NodeServer server) {
        return channel(server, PEERS.caller("consumer"));
    }

    private ManagedChannel channel(NodeServer server, Issued identity) {
        ManagedChannel channel = PEERS.channel(server, identity).build();
        channels.add(channel);
        return channel;
    }
}
