package dev.strongroom.bench.serve;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.proto.inference.ModelStatisticsRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Loads of a node, by clients that know nothing of ours. */
public final class NodeLoad implements AutoCloseable {
    /** Of an embedding model. */
    public static final List<String> TOKEN_INPUTS =
            List.of("input_ids", "attention_mask", "token_type_ids");

    private static final MethodDescriptor<byte[], byte[]> UNARY =
            Bytes.method(MethodType.UNARY, "inference.GRPCInferenceService/ModelInfer");
    private static final MethodDescriptor<byte[], byte[]> STREAM =
            Bytes.method(
                    MethodType.BIDI_STREAMING, "inference.GRPCInferenceService/ModelStreamInfer");

    private final Callable<NettyChannelBuilder> connect;
    private final OptionalLong pid;
    private final List<ManagedChannel> channels = new ArrayList<>();

    public NodeLoad(Callable<NettyChannelBuilder> connect, long pid) {
        this(connect, OptionalLong.of(pid));
    }

    /**
     * @param pid of the server's process; without it, its processor time counts as none
     */
    public NodeLoad(Callable<NettyChannelBuilder> connect, OptionalLong pid) {
        this.connect = connect;
        this.pid = pid;
    }

    public Load unary(int connections, int calls, byte[] request) throws Exception {
        return load(UNARY, connections, calls, () -> request);
    }

    /** The same with another request for each call. */
    public Load unary(int connections, int calls, Supplier<byte[]> requests) throws Exception {
        return load(UNARY, connections, calls, requests);
    }

    public Load stream(int connections, int calls, byte[] request) throws Exception {
        return load(STREAM, connections, calls, () -> request);
    }

    private Load load(
            MethodDescriptor<byte[], byte[]> method,
            int connections,
            int calls,
            Supplier<byte[]> requests)
            throws Exception {
        return new Load(
                Connections.open(connections, connect),
                method,
                requests,
                calls,
                () -> pid.isPresent() ? ProcessorTime.of(pid.getAsLong()) : 0);
    }

    /** Size of the answer to a request. */
    public int answerBytes(byte[] request) throws Exception {
        ManagedChannel channel = connect.call().build();
        channels.add(channel);
        return ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, request).length;
    }

    /** What the node says it has run of a model so far. */
    public Runs runs(String model) throws Exception {
        ManagedChannel channel = connect.call().build();
        channels.add(channel);
        var statistics =
                GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .modelStatistics(ModelStatisticsRequest.newBuilder().setName(model).build())
                        .getModelStats(0);
        var inferring = statistics.getInferenceStats().getComputeInfer();
        return new Runs(
                statistics.getInferenceCount(),
                statistics.getExecutionCount(),
                inferring.getCount(),
                inferring.getNs());
    }

    /**
     * What was run.
     *
     * @param rows inferred
     * @param runs that took, each with one row or several
     * @param requests answered
     * @param nanos of them, each with all of its run
     */
    public record Runs(long rows, long runs, long requests, long nanos) {
        /** Rows of a run since then, on average. */
        public double rowsPerRunSince(Runs before) {
            return (double) (rows - before.rows) / Math.max(1, runs - before.runs);
        }

        /** Milliseconds of a run since then, on average over requests. */
        public double millisSince(Runs before) {
            return (nanos - before.nanos) / 1e6 / Math.max(1, requests - before.requests);
        }
    }

    public long resident() {
        return ProcessorTime.resident(pid.orElseThrow());
    }

    /** One row of numbers for input {@code x}. */
    public static byte[] floats(String model, float[] row) {
        var raw = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(row);
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("x")
                                .setDatatype("FP32")
                                .addShape(1)
                                .addShape(row.length))
                .addRawInputContents(ByteString.copyFrom(raw))
                .build()
                .toByteArray();
    }

    /** One row of tokens for an embedding model of three inputs. */
    public static byte[] tokens(String model, int length) {
        var ones = ByteBuffer.allocate(length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (ones.hasRemaining()) {
            ones.putLong(1);
        }
        ByteString raw = ByteString.copyFrom(ones.flip());
        var request = ModelInferRequest.newBuilder().setModelName(model);
        for (String input : TOKEN_INPUTS) {
            request.addInputs(
                            InferInputTensor.newBuilder()
                                    .setName(input)
                                    .setDatatype("INT64")
                                    .addShape(1)
                                    .addShape(length))
                    .addRawInputContents(raw);
        }
        return request.build().toByteArray();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
