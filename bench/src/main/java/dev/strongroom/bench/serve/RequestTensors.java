package dev.strongroom.bench.serve;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.strongroom.bench.guard.GuardPolicy;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.Decoding;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What is done to the tensors of one request before and after its run: 32 rows of 384 numbers, read
 * from the message raw and typed, and shaped as vectors of four digits.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@Threads(1)
@State(Scope.Benchmark)
public class RequestTensors {
    private static final long ROWS = 32;
    private static final long WIDTH = 384;
    private static final List<TensorSignature> PORTS =
            List.of(new TensorSignature("x", ElementType.FP32, List.of(-1L, WIDTH)));

    private final OutputPolicy policy = GuardPolicy.everything();
    private final Tier tier =
            policy.tiers().stream()
                    .filter(each -> each.name() == TierName.PARTNER)
                    .findFirst()
                    .orElseThrow();
    private final Shaper shaper = new Shaper(policy, new SecretKeySpec(new byte[32], "HmacSHA256"));
    private final byte[] raw;
    private final byte[] typed;
    private final Tensor answer;

    public RequestTensors() {
        var bytes =
                ByteBuffer.allocate((int) (ROWS * WIDTH * Float.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
        var contents = InferTensorContents.newBuilder();
        var random = new Random(1);
        while (bytes.hasRemaining()) {
            float value = (float) random.nextGaussian();
            bytes.putFloat(value);
            contents.addFp32Contents(value);
        }
        bytes.flip();
        var input =
                InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(ROWS)
                        .addShape(WIDTH);
        raw =
                ModelInferRequest.newBuilder()
                        .addInputs(input)
                        .addRawInputContents(ByteString.copyFrom(bytes.duplicate()))
                        .build()
                        .toByteArray();
        typed =
                ModelInferRequest.newBuilder()
                        .addInputs(input.setContents(contents))
                        .build()
                        .toByteArray();
        answer =
                new Tensor(
                        "y",
                        ElementType.FP32,
                        List.of(ROWS, WIDTH),
                        new Tensor.Content.Numbers(bytes));
    }

    @Benchmark
    public InferenceRequest decodeRaw() throws InvalidProtocolBufferException, RefusedException {
        return Decoding.of(ModelInferRequest.parseFrom(raw), PORTS, PORTS);
    }

    @Benchmark
    public InferenceRequest decodeTyped() throws InvalidProtocolBufferException, RefusedException {
        return Decoding.of(ModelInferRequest.parseFrom(typed), PORTS, PORTS);
    }

    @Benchmark
    public Tensor shape() {
        return shaper.shape(answer, Kind.EMBEDDING, tier, Rung.CONTRACT, "acme");
    }
}
