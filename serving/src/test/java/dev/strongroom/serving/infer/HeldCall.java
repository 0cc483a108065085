package dev.strongroom.serving.infer;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call without a transport: keeps what it is ended with. */
final class HeldCall implements InferenceCall {
    private final Caller caller;
    private final ModelInferRequest request;
    private final CompletableFuture<ModelInferResponse> end = new CompletableFuture<>();
    private Consumer<Runnable> soon = Runnable::run;
    private Runnable next = () -> {};
    private volatile boolean abandoned;
    private volatile @Nullable Thread ender;

    private HeldCall(Caller caller, ModelInferRequest request) {
        this.caller = caller;
        this.request = request;
    }

    /** Rows of two numbers for input {@code x}, by a caller whose connection has this number. */
    static HeldCall of(long connection, float... numbers) {
        return by("test", connection, numbers);
    }

    /** As {@link #of}, by a caller of this name. */
    static HeldCall by(String name, long connection, float... numbers) {
        return of("acme", name, connection, numbers);
    }

    /** As {@link #by}, by a caller of this tenant. */
    static HeldCall of(String tenant, String name, long connection, float... numbers) {
        var raw = ByteBuffer.allocate(numbers.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(numbers);
        var request = ModelInferRequest.newBuilder().setModelName(tenant + "/net");
        request.addInputsBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(numbers.length / 2)
                .addShape(2);
        return new HeldCall(
                new Caller(tenant, "consumer", name, "", "", tenant, "", connection),
                request.addRawInputContents(ByteString.copyFrom(raw)).build());
    }

    /** Came with others, whose reader does steps once he has read all of them. */
    HeldCall readBy(Consumer<Runnable> reader) {
        soon = reader;
        return this;
    }

    /** Does something when it is ended, on the thread that ends it. */
    HeldCall then(Runnable step) {
        next = step;
        return this;
    }

    void giveUp() {
        abandoned = true;
    }

    boolean ended() {
        return end.isDone();
    }

    /** True if this thread itself ended it. */
    boolean endedByMe() {
        return Thread.currentThread().equals(ender);
    }

    /** The numbers of the first output. */
    float[] numbers() throws Exception {
        var raw = answer().getRawOutputContents(0).asReadOnlyByteBuffer();
        float[] numbers = new float[raw.remaining() / 4];
        raw.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
        return numbers;
    }

    ModelInferResponse answer() throws Exception {
        return Objects.requireNonNull(end.get(30, TimeUnit.SECONDS));
    }

    RefusedException refusal() throws InterruptedException, TimeoutException {
        try {
            throw new AssertionError("answered: " + end.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RefusedException refusal) {
                return refusal;
            }
            throw new AssertionError(e);
        }
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public ModelInferRequest request() {
        return request;
    }

    @Override
    public boolean abandoned() {
        return abandoned;
    }

    @Override
    public void soon(Runnable step) {
        soon.accept(step);
    }

    @Override
    public void answer(ModelInferResponse answer) {
        ender = Thread.currentThread();
        if (!end.complete(answer)) {
            throw new IllegalStateException("ended twice");
        }
        next.run();
    }

    @Override
    public void refuse(RefusedException refusal) {
        ender = Thread.currentThread();
        if (!end.completeExceptionally(refusal)) {
            throw new IllegalStateException("ended twice");
        }
        next.run();
    }
}
