package dev.strongroom.redteam;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A running node as anybody sees it who has a certificate for it: Open Inference Protocol v2 over
 * mutual TLS, nothing of ours.
 */
final class NodeApi implements Api, AutoCloseable {
    private static final long SECONDS = 30;

    private final ManagedChannel channel;
    private final GRPCInferenceServiceBlockingStub node;
    private final String model;
    private final String input;
    private final long[] shape;

    /**
     * @param context folder with {@code ca.pem}, {@code cert.pem} and {@code key.pem}
     * @param input of the model
     * @param shape of one row of it
     */
    NodeApi(String address, Path context, String model, String input, long[] shape)
            throws IOException {
        channel =
                NettyChannelBuilder.forTarget(address)
                        .sslContext(
                                GrpcSslContexts.forClient()
                                        .trustManager(context.resolve("ca.pem").toFile())
                                        .keyManager(
                                                context.resolve("cert.pem").toFile(),
                                                context.resolve("key.pem").toFile())
                                        .build())
                        .build();
        node = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        this.model = model;
        this.input = input;
        this.shape = shape.clone();
    }

    /** Who asks is in the certificate; the account says nothing. */
    @Override
    public Optional<float[]> ask(long account, float[] row) {
        var request = ModelInferRequest.newBuilder().setModelName(model);
        var tensor = request.addInputsBuilder().setName(input).setDatatype("FP32");
        for (long size : shape) {
            tensor.addShape(size);
        }
        request.addRawInputContents(ByteString.copyFrom(RowTensor.bytes(row)));
        try {
            return Optional.of(
                    first(
                            node.withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
                                    .modelInfer(request.build())));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static float[] first(ModelInferResponse answer) {
        return RowTensor.row(answer.getRawOutputContents(0).asReadOnlyByteBuffer());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
