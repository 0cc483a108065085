package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.guard.GuardEvents;
import dev.strongroom.serving.guard.GuardMeters;
import dev.strongroom.serving.guard.PolicyGuard;
import dev.strongroom.serving.guard.Restraint;
import dev.strongroom.serving.guard.Watch;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.OneDay;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ReceiptDesk;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@link TinyDecoder} behind the service over real TLS, under an output policy and a lease; and
 * requests for it. Once it is closed no memory of a sequence may be left.
 */
final class DecoderNode implements AutoCloseable {
    static final String STANDARD = OutputPolicy.standard().canonical();
    private static final TestPeers PEERS = new TestPeers();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final LockedHeap heap = new LockedHeap(64L << 20, Protection.LOCKED, Fits.forTests());
    final Accounts accounts = new Accounts(100, 1000);

    /** Steps that the lease still gives; below -1 it has ended. */
    final AtomicLong lease = new AtomicLong(Long.MAX_VALUE);

    ReceiptDesk receipts = ReceiptDesk.CLOSED;
    private final OpenedModel opened;
    private final OneDay day = new OneDay();
    private final List<Runnable> open = new ArrayList<>();

    DecoderNode(Path scratch) throws Exception {
        this.opened = OpenedModel.of(TinyDecoder.bytes(), scratch);
    }

    /** A lease with a count, which a test may end. */
    private final class Lease implements Admission {
        @Override
        public Optional<Refusal> take() {
            return lease.getAndDecrement() > 0 ? Optional.empty() : ended();
        }

        @Override
        public Optional<Refusal> refusal() {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> interruption() {
            return lease.get() < -1 ? ended() : Optional.empty();
        }

        private Optional<Refusal> ended() {
            return Optional.of(new Refusal("LEASE_ENDED", "the lease has ended"));
        }
    }

    /** What a client of a stream saw. */
    static final class Stream
            implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
        private final BlockingQueue<ModelStreamInferResponse> answers = new LinkedBlockingQueue<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        final CompletableFuture<ClientCallStreamObserver<ModelInferRequest>> call =
                new CompletableFuture<>();

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> requests) {
            call.complete(requests);
        }

        @Override
        public void onNext(ModelStreamInferResponse answer) {
            answers.add(answer);
        }

        @Override
        public void onError(Throwable e) {
            end.complete(Status.fromThrowable(e));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        ModelStreamInferResponse next() throws InterruptedException {
            return Optional.ofNullable(answers.poll(30, TimeUnit.SECONDS)).orElseThrow();
        }

        /** All answers, once the call has ended. */
        List<ModelStreamInferResponse> all() throws Exception {
            assertThat(end.get(30, TimeUnit.SECONDS).isOk()).isTrue();
            return List.copyOf(answers);
        }
    }

    @Override
    public void close() {
        open.reversed().forEach(Runnable::run);
        opened.close();
        assertThat(heap.usedBytes()).as("whatever happened").isZero();
    }

    /** Rates at which nothing goes on after the first tokens, for a while. */
    static String slow() {
        return rate(1, 3);
    }

    static String rate(int rows, int burst) {
        return partner(
                "\"rate\":{\"rowsPerSecond\":100000,\"burst\":400000}",
                "\"rate\":{\"rowsPerSecond\":%d,\"burst\":%d}".formatted(rows, burst));
    }

    /** The standard policy with another rule for consumers. */
    static String partner(String from, String to) {
        int tier = STANDARD.indexOf("\"tier\":\"partner\"");
        int at = STANDARD.indexOf(from, tier);
        return STANDARD.substring(0, at) + to + STANDARD.substring(at + from.length());
    }

    NodeServer serve(String policy) throws Exception {
        return serve(policy, GenerationSettings.UNKNOWN, GenerationLimits.STANDARD);
    }

    NodeServer serve(String json, GenerationSettings settings, GenerationLimits limits)
            throws Exception {
        OutputPolicy policy = parse(json);
        var serving = ServingLimits.of(1 << 20, 1, 64);
        var model =
                new ServedModel(
                        "acme/net",
                        "1",
                        opened.engine(),
                        new Lease(),
                        receipts,
                        settings,
                        RunSettings.STANDARD);
        var path =
                new InferencePath(
                        ServedModels.only(model),
                        guard(policy),
                        serving,
                        new GenerationRoom(limits, heap, new SecureRandom()));
        open.add(path::close);
        NodeServer server =
                PEERS.serve(
                        serving, ConnectionLimits.of(policy), new InferenceService(path, "0.1.0"));
        open.add(server::close);
        return server;
    }

    static OutputPolicy parse(String json) throws OutputFormatException {
        return OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    PolicyGuard guard(OutputPolicy policy) {
        var limits =
                new Limits(
                        policy,
                        accounts,
                        new SharedLimits(new Ticks(System::nanoTime)),
                        day,
                        () -> 1);
        return new PolicyGuard(
                policy,
                policy.digest(),
                PolicyGuard.Memory.WHOLE,
                new PolicyGuard.Parts(
                        accounts,
                        limits,
                        new Shaper(policy, new SecretKeySpec(new byte[32], "HmacSHA256")),
                        new Directions(),
                        new PuzzleDesk(new SecureRandom(), System::nanoTime, PATIENCE),
                        Watch.NONE,
                        Restraint.NONE,
                        new GuardEvents(_ -> {}, InstantSource.system()),
                        new GuardMeters(new SimpleMeterRegistry())));
    }

    ManagedChannel channel(NodeServer node, String role) throws Exception {
        ManagedChannel channel = PEERS.channel(node, PEERS.caller(role)).build();
        open.add(channel::shutdownNow);
        return channel;
    }

    Stream stream(NodeServer node, ModelInferRequest request) throws Exception {
        var stream = new Stream();
        var requests =
                GRPCInferenceServiceGrpc.newStub(channel(node, "consumer"))
                        .modelStreamInfer(stream);
        requests.onNext(request);
        requests.onCompleted();
        return stream;
    }
}
