package dev.strongroom.client;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** One sequence as it is generated. For one call; its tokens come on the thread that asks. */
final class TokenStream implements StreamObserver<ModelStreamInferResponse> {
    private static final String STATUS = "status"; // of a refusal inside a stream

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** What comes from the node. */
    private sealed interface Event {
        record Answer(ModelStreamInferResponse response) implements Event {}

        record Failed(StatusRuntimeException why) implements Event {}
    }

    /**
     * Asks and takes tokens until there are no more.
     *
     * @param each gets every token when it comes
     * @throws StatusRuntimeException what the node refused, at first or later
     */
    static Generated run(
            GRPCInferenceServiceStub stub, ModelInferRequest request, Consumer<GeneratedToken> each)
            throws ClientException {
        var stream = new TokenStream();
        try (var call = Context.current().withCancellation()) { // whatever happens, it ends
            call.run(() -> {
                StreamObserver<ModelInferRequest> requests = stub.modelStreamInfer(stream);
                requests.onNext(request);
                requests.onCompleted();
            });
            return stream.take(each);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ClientException.local("interrupted while a node generates", "ask it again");
        }
    }

    private Generated take(Consumer<GeneratedToken> each)
            throws ClientException, InterruptedException {
        List<GeneratedToken> tokens = new ArrayList<>();
        while (true) {
            switch (events.take()) {
                case Event.Answer(var response) -> {
                    requireAnswer(response);
                    for (GeneratedToken token :
                            GenerationCodec.tokens(response.getInferResponse())) {
                        tokens.add(token);
                        each.accept(token);
                    }
                    if (GenerationCodec.isLast(response.getInferResponse())) {
                        return new Generated(
                                tokens, GenerationCodec.finish(response.getInferResponse()));
                    }
                }
                case Event.Failed(var why) -> throw why;
            }
        }
    }

    private static void requireAnswer(ModelStreamInferResponse response) {
        if (!response.getErrorMessage().isEmpty()) {
            String code =
                    response.getInferResponse()
                            .getParametersOrDefault(STATUS, InferParameter.getDefaultInstance())
                            .getStringParam();
            throw status(code).withDescription(response.getErrorMessage()).asRuntimeException();
        }
    }

    private static Status status(String code) {
        for (Status.Code each : Status.Code.values()) {
            if (each.name().equals(code) && each != Status.Code.OK) {
                return each.toStatus();
            }
        }
        return Status.UNKNOWN;
    }

    @Override
    public void onNext(ModelStreamInferResponse response) {
        events.add(new Event.Answer(response));
    }

    @Override
    public void onError(Throwable error) {
        events.add(
                new Event.Failed(
                        error instanceof StatusRuntimeException refused
                                ? refused
                                : Status.fromThrowable(error).asRuntimeException()));
    }

    @Override
    public void onCompleted() {
        events.add(
                new Event.Failed(
                        Status.UNKNOWN
                                .withDescription("the node ended the stream too early")
                                .asRuntimeException()));
    }
}
