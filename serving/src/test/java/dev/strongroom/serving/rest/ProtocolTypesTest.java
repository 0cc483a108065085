package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.ServingLimits;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every element type of the protocol, in every form, over both transports: the same bits. */
@Timeout(120)
class ProtocolTypesTest {
    private static final InferParameter NO =
            InferParameter.newBuilder().setBoolParam(false).build();

    /**
     * A type with two elements.
     *
     * @param onnx its number in ONNX
     * @param typed as gRPC carries it
     * @param json the same in JSON
     * @param raw the same, little-endian
     */
    record Type(String name, int onnx, InferTensorContents typed, String json, byte[] raw) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String INFER = "/v2/models/acme/net/infer";

    @TempDir private static Path scratch;
    private static BothServers node;
    private static GRPCInferenceServiceBlockingStub grpc;
    private static HttpClient rest;

    static List<Type> types() {
        return List.of(
                type(
                        "BOOL",
                        OnnxModel.BOOL,
                        contents().addBoolContents(true).addBoolContents(false),
                        "true,false",
                        raw(2).put((byte) 1).put((byte) 0)),
                type(
                        "INT8",
                        OnnxModel.INT8,
                        contents().addIntContents(-128).addIntContents(127),
                        "-128,127",
                        raw(2).put((byte) -128).put((byte) 127)),
                type(
                        "INT16",
                        OnnxModel.INT16,
                        contents().addIntContents(-32768).addIntContents(1),
                        "-32768,1",
                        raw(4).putShort((short) -32768).putShort((short) 1)),
                type(
                        "INT32",
                        OnnxModel.INT32,
                        contents().addIntContents(Integer.MIN_VALUE).addIntContents(2),
                        "-2147483648,2",
                        raw(8).putInt(Integer.MIN_VALUE).putInt(2)),
                type(
                        "INT64",
                        OnnxModel.INT64,
                        contents().addInt64Contents(Long.MIN_VALUE).addInt64Contents(3),
                        "-9223372036854775808,3",
                        raw(16).putLong(Long.MIN_VALUE).putLong(3)),
                type(
                        "UINT8",
                        OnnxModel.UINT8,
                        contents().addUintContents(255).addUintContents(0),
                        "255,0",
                        raw(2).put((byte) -1).put((byte) 0)),
                type(
                        "UINT16",
                        OnnxModel.UINT16,
                        contents().addUintContents(65535).addUintContents(4),
                        "65535,4",
                        raw(4).putShort((short) -1).putShort((short) 4)),
                type(
                        "UINT32",
                        OnnxModel.UINT32,
                        contents().addUintContents(-1).addUintContents(5),
                        "4294967295,5",
                        raw(8).putInt(-1).putInt(5)),
                type(
                        "UINT64",
                        OnnxModel.UINT64,
                        contents().addUint64Contents(-1).addUint64Contents(6),
                        "18446744073709551615,6",
                        raw(16).putLong(-1).putLong(6)),
                type(
                        "FP32",
                        OnnxModel.FLOAT,
                        contents().addFp32Contents(0.1f).addFp32Contents(-7),
                        "0.1,-7.0",
                        raw(8).putFloat(0.1f).putFloat(-7)),
                type(
                        "FP64",
                        OnnxModel.DOUBLE,
                        contents().addFp64Contents(0.1).addFp64Contents(-8),
                        "0.1,-8.0",
                        raw(16).putDouble(0.1).putDouble(-8)),
                type(
                        "BYTES",
                        OnnxModel.STRING,
                        contents()
                                .addBytesContents(ByteString.copyFromUtf8("\u00e4"))
                                .addBytesContents(ByteString.EMPTY),
                        "\"\u00e4\",\"\"",
                        raw(10).putInt(2).put((byte) 0xc3).put((byte) 0xa4).putInt(0)));
    }

    private static Type type(
            String name, int onnx, InferTensorContents.Builder typed, String json, ByteBuffer raw) {
        byte[] bytes = new byte[raw.flip().remaining()];
        raw.get(bytes);
        return new Type(name, onnx, typed.build(), json, bytes);
    }

    private static InferTensorContents.Builder contents() {
        return InferTensorContents.newBuilder();
    }

    private static ByteBuffer raw(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @BeforeAll
    static void serve() throws Exception {
        var graph = new OnnxModel();
        for (Type type : types()) {
            identity(graph, type.name(), type.onnx());
        }
        node = serve(graph);
        Issued consumer = node.ca.client("acme", "consumer");
        grpc = node.stub(consumer);
        rest = node.http(Optional.of(consumer));
    }

    private static void identity(OnnxModel graph, String type, int onnx) {
        graph.input(type, onnx, -1)
                .output("same_" + type, onnx, -1)
                .node("Identity", List.of(type), List.of("same_" + type));
    }

    private static BothServers serve(OnnxModel graph) throws Exception {
        return new BothServers(
                graph.bytes(),
                scratch,
                Guard.OPEN,
                ServingLimits.of(1 << 20, 2, 8),
                ConnectionLimits.of(OutputPolicy.standard()));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void typedIsAnsweredRawOrTyped() {
        var request = ModelInferRequest.newBuilder().setModelName(BothServers.MODEL);
        for (Type type : types()) {
            request.addInputsBuilder()
                    .setName(type.name())
                    .setDatatype(type.name())
                    .addShape(2)
                    .setContents(type.typed());
        }
        requireRaw(grpc.modelInfer(request.build()));
        requireTyped(grpc.modelInfer(request.putParameters("binary_data_output", NO).build()));
    }

    @Test
    void rawIsAnsweredRawOrTyped() {
        var request = ModelInferRequest.newBuilder().setModelName(BothServers.MODEL);
        for (Type type : types()) {
            request.addInputsBuilder().setName(type.name()).setDatatype(type.name()).addShape(2);
            request.addRawInputContents(ByteString.copyFrom(type.raw()));
        }
        requireRaw(grpc.modelInfer(request.build()));
        requireTyped(grpc.modelInfer(request.putParameters("binary_data_output", NO).build()));
    }

    private static void requireRaw(ModelInferResponse answer) {
        for (int i = 0; i < types().size(); i++) {
            Type type = types().get(i);
            assertThat(answer.getOutputs(i).getName()).isEqualTo("same_" + type);
            assertThat(answer.getOutputs(i).getDatatype()).isEqualTo(type.name());
            assertThat(answer.getOutputs(i).hasContents()).isFalse();
            assertThat(answer.getRawOutputContents(i).toByteArray())
                    .as(type.name())
                    .isEqualTo(type.raw());
        }
    }

    private static void requireTyped(ModelInferResponse answer) {
        assertThat(answer.getRawOutputContentsCount()).isZero();
        for (int i = 0; i < types().size(); i++) {
            assertThat(answer.getOutputs(i).getContents()).isEqualTo(types().get(i).typed());
        }
    }

    @Test
    void jsonIsAnsweredJson() throws Exception {
        String inputs =
                types().stream()
                        .map(type -> tensor(type.name(), type, "\"data\":[" + type.json() + "]"))
                        .collect(Collectors.joining(",", "{\"inputs\":[", "]}"));
        HttpResponse<String> answer =
                rest.send(
                        node.request(INFER).POST(BodyPublishers.ofString(inputs)).build(),
                        BodyHandlers.ofString());
        for (Type type : types()) {
            assertThat(answer.body())
                    .contains(tensor("same_" + type, type, "\"data\":[" + type.json() + "]"));
        }
    }

    @Test
    void binaryDataIsAnsweredAsBinaryData() throws Exception {
        String inputs =
                types().stream()
                        .map(type ->
                                tensor(
                                        type.name(),
                                        type,
                                        "\"parameters\":{\"binary_data_size\":%d}"
                                                .formatted(type.raw().length)))
                        .collect(
                                Collectors.joining(
                                        ",",
                                        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[",
                                        "]}"));
        var raw = new ByteArrayOutputStream();
        types().forEach(type -> raw.writeBytes(type.raw()));
        assertThat(binary(rest, node, inputs, raw.toByteArray())).isEqualTo(raw.toByteArray());
    }

    @Test
    void halfFloatsTravelRawOrAsBinaryDataOnly() throws Exception {
        var graph = new OnnxModel();
        identity(graph, "FP16", OnnxModel.FLOAT16);
        identity(graph, "BF16", OnnxModel.BFLOAT16);
        byte[] raw = {0, 60, 1, 0, 0, 63, 1, 0};
        try (BothServers halves = serve(graph)) {
            Issued consumer = halves.ca.client("acme", "consumer");
            var request = ModelInferRequest.newBuilder().setModelName(BothServers.MODEL);
            request.putParameters("binary_data_output", NO);
            request.addInputsBuilder().setName("FP16").setDatatype("FP16").addShape(2);
            request.addInputsBuilder().setName("BF16").setDatatype("BF16").addShape(2);
            request.addRawInputContents(ByteString.copyFrom(raw, 0, 4))
                    .addRawInputContents(ByteString.copyFrom(raw, 4, 4));
            assertThat(
                            ByteString.copyFrom(
                                            halves.stub(consumer)
                                                    .modelInfer(request.build())
                                                    .getRawOutputContentsList())
                                    .toByteArray())
                    .isEqualTo(raw);
            String inputs =
                    "{\"inputs\":[{\"name\":\"FP16\",\"datatype\":\"FP16\",\"shape\":[2],"
                            + "\"parameters\":{\"binary_data_size\":4}},{\"name\":\"BF16\","
                            + "\"datatype\":\"BF16\",\"shape\":[2],"
                            + "\"parameters\":{\"binary_data_size\":4}}]}";
            assertThat(binary(halves.http(Optional.of(consumer)), halves, inputs, raw))
                    .as("without having been asked for: JSON has no form for them")
                    .isEqualTo(raw);
        }
    }

    private static String tensor(String name, Type type, String content) {
        return "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":[2],%s}"
                .formatted(name, type, content);
    }

    /** What comes behind the JSON of an answer. */
    private static byte[] binary(HttpClient client, BothServers at, String json, byte[] raw)
            throws Exception {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> answer =
                client.send(
                        at.request(INFER)
                                .header("Inference-Header-Content-Length", "" + head.length)
                                .POST(
                                        BodyPublishers.concat(
                                                BodyPublishers.ofByteArray(head),
                                                BodyPublishers.ofByteArray(raw)))
                                .build(),
                        BodyHandlers.ofByteArray());
        int split =
                Integer.parseInt(
                        answer.headers()
                                .firstValue("inference-header-content-length")
                                .orElse("" + answer.body().length));
        return Arrays.copyOfRange(answer.body(), split, answer.body().length);
    }
}
