package dev.strongroom.vault.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import dev.strongroom.vault.access.Foreground;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ForegroundInterceptorTest {
    private static final String NAME = "foreground";
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Foreground foreground = new Foreground();
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final Semaphore begun = new Semaphore(0);
    private Server server;
    private ManagedChannel channel;

    /** Answers a challenge when it is told to, knows no renewal, and watches for ever. */
    private final class Releases extends ReleaseGrpc.ReleaseImplBase {
        @Override
        public void getChallenge(
                GetChallengeRequest request, StreamObserver<GetChallengeResponse> observer) {
            arrived.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                observer.onError(e);
                return;
            }
            observer.onNext(GetChallengeResponse.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void watchLease(
                WatchLeaseRequest request, StreamObserver<WatchLeaseResponse> observer) {
            observer.onNext(WatchLeaseResponse.getDefaultInstance());
        }
    }

    /** Sees each call that has begun. */
    private final class Counting implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            begun.release();
            return next.startCall(call, headers);
        }
    }

    @BeforeEach
    void start() throws Exception {
        server =
                InProcessServerBuilder.forName(NAME)
                        .addService(new Releases())
                        .intercept(new Counting())
                        .intercept(new ForegroundInterceptor(foreground))
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(NAME).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void callOfANodeHoldsTheBackgroundUntilItIsAnswered() throws Exception {
        try (var threads = Executors.newFixedThreadPool(2)) {
            var call =
                    threads.submit(() ->
                            ReleaseGrpc.newBlockingStub(channel)
                                    .getChallenge(GetChallengeRequest.getDefaultInstance()));
            arrived.await();
            var background =
                    threads.submit(() -> {
                        foreground.giveWay(LONG);
                        return true;
                    });
            assertThat(background.isDone()).isFalse();
            answer.countDown();
            assertThat(call.get(30, TimeUnit.SECONDS)).isNotNull();
            assertThat(background.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void callThatIsGivenUpHoldsItNoLonger() throws Exception {
        var call =
                ReleaseGrpc.newBlockingStub(channel).withDeadlineAfter(200, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> call.getChallenge(GetChallengeRequest.getDefaultInstance()))
                .isInstanceOf(StatusRuntimeException.class);
        answer.countDown();
        foreground.giveWay(LONG);
    }

    @Test
    void refusedCallHoldsItNoLonger() throws Exception {
        var stub = ReleaseGrpc.newBlockingStub(channel);
        assertThatThrownBy(() -> stub.renewLease(RenewLeaseRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNIMPLEMENTED));
        foreground.giveWay(LONG);
    }

    @Test
    void callsThatAreBegunAndNeverFinishedHoldNothing() throws Exception {
        for (int i = 0; i < 100; i++) {
            var call = channel.newCall(ReleaseGrpc.getGetChallengeMethod(), CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            call.sendMessage(GetChallengeRequest.getDefaultInstance()); // and no half-close
        }
        begun.acquire(100);
        foreground.giveWay(LONG);
    }

    @Test
    void watchThatLastsForEverHoldsNothing() throws Exception {
        var watch =
                ReleaseGrpc.newBlockingStub(channel)
                        .watchLease(WatchLeaseRequest.getDefaultInstance());
        assertThat(watch.hasNext()).isTrue();
        foreground.giveWay(LONG);
    }
}
