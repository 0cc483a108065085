package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.proto.inference.ModelInferRequest.InferRequestedOutputTensor;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowingConsumer;

/**
 * A model that hands each of its inputs through, of five types, behind the service without a
 * network; and requests for it.
 */
final class PassThrough implements AutoCloseable {
    static final String NAME = "acme/passthrough";
    static final String SECRET = "attack at dawn"; // in every request
    static final int WORKERS = 2;
    static final int QUEUED = 8;
    static final String HIDDEN = TensorSignature.PENULTIMATE;

    /** Whoever holds it holds up all inferences. */
    final Semaphore gate = new Semaphore(1);

    /** Inferences that were taken from the lease. */
    final AtomicInteger taken = new AtomicInteger();

    /** Calls that their callers gave up, as far as the service knows. */
    final AtomicInteger givenUp = new AtomicInteger();

    /** What the lease says, before a run and after it. */
    volatile Optional<Admission.Refusal> refusal = Optional.empty();

    final OpenedModel opened;
    final InferencePath service;
    final ManagedChannel channel;
    final GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub client;
    private final Server server;

    PassThrough(Path scratch) throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 2)
                        .input("ids", OnnxModel.INT64, -1)
                        .input("mask", OnnxModel.BOOL, 2)
                        .input("text", OnnxModel.STRING, -1)
                        .input("small", OnnxModel.INT8, -1)
                        .output("y", OnnxModel.FLOAT, -1, 2)
                        .output("ids_out", OnnxModel.INT64, -1)
                        .output("mask_out", OnnxModel.BOOL, 2)
                        .output("text_out", OnnxModel.STRING, -1)
                        .output("small_out", OnnxModel.INT8, -1)
                        .output(HIDDEN, OnnxModel.FLOAT, -1, 2) // what the guard alone sees
                        .node("Add", List.of("x", "x"), List.of("y"))
                        .node("Identity", List.of("y"), List.of(HIDDEN))
                        .node("Identity", List.of("ids"), List.of("ids_out"))
                        .node("Not", List.of("mask"), List.of("mask_out"))
                        .node("Identity", List.of("text"), List.of("text_out"))
                        .node("Identity", List.of("small"), List.of("small_out"))
                        .bytes();
        opened = OpenedModel.of(graph, scratch);
        var models = ServedModels.only(new ServedModel(NAME, "3", opened.engine(), new Lease()));
        service = new InferencePath(models, Guard.OPEN, ServingLimits.of(1 << 20, WORKERS, QUEUED));
        server =
                InProcessServerBuilder.forName(scratch.toString())
                        .directExecutor()
                        .addService(new InferenceService(service, "0.1.0"))
                        .intercept(new TestCaller())
                        .intercept(new Cancels())
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(scratch.toString()).directExecutor().build();
        client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    /** Says what the test wants. */
    private final class Lease implements Admission {
        @Override
        public Optional<Refusal> take() {
            taken.incrementAndGet();
            gate.acquireUninterruptibly();
            gate.release();
            return refusal;
        }

        @Override
        public Optional<Refusal> refusal() {
            return refusal;
        }

        @Override
        public Optional<Refusal> interruption() {
            return Optional.empty();
        }
    }

    /** Sees each call that its caller gave up, after the service has. */
    private final class Cancels implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(
                    next.startCall(call, headers)) {
                @Override
                public void onCancel() {
                    super.onCancel();
                    givenUp.incrementAndGet();
                }
            };
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        service.close();
        opened.close();
    }

    /** That a call fails with this code, reason and text. */
    static ThrowingConsumer<Throwable> refusedWith(Status.Code code, String reason, String text) {
        return thrown -> {
            assertThat(Status.fromThrowable(thrown).getCode()).isEqualTo(code);
            assertThat(thrown).hasMessageContaining(text);
            var status = StatusProto.fromThrowable(thrown);
            assertThat(status).isNotNull();
            var info = status.getDetails(0).unpack(ErrorInfo.class);
            assertThat(info.getReason()).isEqualTo(reason);
            assertThat(info.getDomain()).isEqualTo("strongroom");
        };
    }

    static ModelInferRequest.Builder typed() {
        var request = ModelInferRequest.newBuilder().setModelName(NAME).setId("request-7");
        request.addInputs(
                input("x", "FP32", 2, 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllFp32Contents(List.of(1f, 2f, 3f, 4f))));
        request.addInputs(
                input("ids", "INT64", 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllInt64Contents(List.of(-1L, Long.MAX_VALUE))));
        request.addInputs(
                input("mask", "BOOL", 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllBoolContents(List.of(true, false))));
        request.addInputs(
                input("text", "BYTES", 1).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addBytesContents(ByteString.copyFromUtf8(SECRET))));
        request.addInputs(
                input("small", "INT8", 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllIntContents(List.of(-128, 127))));
        return request;
    }

    static ModelInferRequest.Builder raw() {
        return ModelInferRequest.newBuilder()
                .setModelName(NAME)
                .addInputs(input("x", "FP32", 2, 2))
                .addInputs(input("ids", "INT64", 2))
                .addInputs(input("mask", "BOOL", 2))
                .addInputs(input("text", "BYTES", 1))
                .addInputs(input("small", "INT8", 2))
                .addRawInputContents(floats(1, 2, 3, 4))
                .addRawInputContents(ByteString.copyFrom(new byte[16]))
                .addRawInputContents(bytes(1, 0))
                .addRawInputContents(string(SECRET))
                .addRawInputContents(bytes(128, 127));
    }

    static InferInputTensor input(String name, String type, long... shape) {
        var input = InferInputTensor.newBuilder().setName(name).setDatatype(type);
        for (long size : shape) {
            input.addShape(size);
        }
        return input.build();
    }

    static InferRequestedOutputTensor output(String name) {
        return InferRequestedOutputTensor.newBuilder().setName(name).build();
    }

    static ByteString floats(float... values) {
        var bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return ByteString.copyFrom(bytes.array());
    }

    static ByteString string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(4 + utf8.length).order(ByteOrder.LITTLE_ENDIAN);
        return ByteString.copyFrom(bytes.putInt(utf8.length).put(utf8).array());
    }

    static ByteString bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }
}
