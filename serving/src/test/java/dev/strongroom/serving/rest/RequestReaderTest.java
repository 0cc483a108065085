package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.RefusedException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a body may be. */
class RequestReaderTest {
    private static final int MAX_BYTES = 1 << 16;

    @Test
    void readsEverythingThatTheProtocolHas() throws Exception {
        RestRequest read =
                read(
                        """
                        {"id": "q-7",
                         "parameters": {"receipt": true, "n": 3, "x": 0.5, "s": "t"},
                         "inputs": [
                           {"data": [[1, 2.5], [-3e1, 4]], "shape": [2, 2], "name": "x",
                            "datatype": "FP32", "parameters": {"content_type": "np"}}],
                         "outputs": [
                           {"name": "y", "parameters": {"binary_data": true}}, {"name": "z"}]}
                        """);
        ModelInferRequest request = read.request();
        assertThat(request.getId()).isEqualTo("q-7");
        assertThat(request.getModelName()).isEqualTo("acme/net");
        assertThat(request.getModelVersion()).isEqualTo("3");
        assertThat(request.getParametersOrThrow("receipt").getBoolParam()).isTrue();
        assertThat(request.getParametersOrThrow("n").getInt64Param()).isEqualTo(3);
        assertThat(request.getParametersOrThrow("x").getDoubleParam()).isEqualTo(0.5);
        assertThat(request.getParametersOrThrow("s").getStringParam()).isEqualTo("t");
        assertThat(request.getInputs(0).getShapeList()).containsExactly(2L, 2L);
        assertThat(request.getOutputsList()).extracting("name").containsExactly("y", "z");
        assertThat(raw(read).asFloatBuffer())
                .isEqualTo(java.nio.FloatBuffer.wrap(new float[] {1, 2.5f, -30, 4}));
        assertThat(read.forms().named()).containsEntry("y", true).hasSize(1);
        assertThat(read.forms().otherwise()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 'true,false'",
        "INT8, '-128,127'",
        "INT16, '-32768,32767'",
        "INT32, '-2147483648,2147483647'",
        "INT64, '-9223372036854775808,9223372036854775807'",
        "UINT8, '0,255'",
        "UINT16, '0,65535'",
        "UINT32, '0,4294967295'",
        "UINT64, '0,18446744073709551615'",
        "FP32, '3.4028235E38,1.4E-45'",
        "FP64, '1.7976931348623157E308,4.9E-324'",
        "BYTES, '\"\",\"\u00e4\\u0000\"'"
    })
    void readsAndWritesTheBoundsOfEachType(String type, String elements) throws Exception {
        RestRequest read = read(input(type, "[2]", "[" + elements + "]"));
        assertThat(written(type, read)).contains("\"data\":[" + elements + "]");
    }

    private static String written(String type, RestRequest read) throws RefusedException {
        var answer = dev.strongroom.proto.inference.ModelInferResponse.newBuilder();
        answer.addOutputsBuilder().setName("y").setDatatype(type).addShape(2);
        answer.addRawOutputContents(read.request().getRawInputContents(0));
        Reply reply = AnswerWriter.write(answer.build(), read.forms(), MAX_BYTES);
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    @Test
    void readsBinaryDataBesideJson() throws Exception {
        byte[] json =
                """
                {"inputs": [
                  {"name": "a", "shape": [2], "datatype": "UINT8",
                   "parameters": {"binary_data_size": 2}},
                  {"name": "b", "shape": [1], "datatype": "UINT8", "data": [7]},
                  {"name": "c", "shape": [1], "datatype": "FP16",
                   "parameters": {"binary_data_size": 2}}],
                 "parameters": {"binary_data_output": true}}\
                """
                        .getBytes(StandardCharsets.UTF_8);
        RestRequest read = read(with(json, new byte[] {1, 2, 3, 4}), json.length);
        assertThat(read.request().getRawInputContentsList())
                .extracting(bytes -> bytes.toByteArray())
                .containsExactly(new byte[] {1, 2}, new byte[] {7}, new byte[] {3, 4});
        assertThat(read.forms().otherwise()).isTrue();
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                bad("nothing", ""),
                bad("no object", "[]"),
                bad("cut off", "{\"inputs\":[{\"name\":\"x\""),
                bad("a second document", input("FP32", "[1]", "[1]") + "{}"),
                bad("a key twice", "{\"id\":\"a\",\"id\":\"b\"}"),
                bad("an escaped key twice", "{\"id\":\"a\",\"i\\u0064\":\"b\"}"),
                bad("an unknown key", "{\"ID\":\"a\"}"),
                bad("an id that is no text", "{\"id\":7}"),
                bad("half a surrogate pair", "{\"id\":\"\\ud800\"}"),
                bad("a comment", "{/* */}"),
                bad("single quotes", "{'id':'a'}"),
                bad("a trailing comma", "{\"id\":\"a\",}"),
                bad("UTF-16", "{\u0000}\u0000"),
                bad("a byte order mark", "\ufeff{}"),
                bad("a parameter within", "{\"parameters\":{\"a\":{}}}"),
                bad("a parameter beyond 64 bits", "{\"parameters\":{\"a\":9223372036854775808}}"),
                bad("deep arrays", "{\"inputs\":" + "[".repeat(1000)),
                bad("many tensors", "{\"inputs\":[" + "{},".repeat(1025) + "{}]}"),
                bad("many parameters", parameters(65)),
                Arguments.of("INPUT_SHAPE", "a shape of fractions", input("FP32", "[1.0]", "[1]")),
                Arguments.of(
                        "INPUT_SHAPE",
                        "33 dimensions",
                        input("FP32", "[" + "1,".repeat(32) + "1]", "[1]")),
                Arguments.of("INPUT_SHAPE", "other nesting", input("FP32", "[2,2]", "[[1,2,3,4]]")),
                Arguments.of("INPUT_SHAPE", "ragged rows", input("FP32", "[2,2]", "[[1],[2,3,4]]")),
                Arguments.of("INPUT_SHAPE", "mixed nesting", input("FP32", "[2,1]", "[[1],2]")),
                Arguments.of("INPUT_SIZE", "too few elements", input("FP32", "[2]", "[1]")),
                Arguments.of("INPUT_SIZE", "too many elements", input("FP32", "[2]", "[1,2,3]")),
                Arguments.of(
                        "INPUT_SIZE",
                        "a shape that promises more than comes",
                        input("FP64", "[2147483647,1073741824]", "[1]")),
                Arguments.of(
                        "INPUT_SIZE",
                        "more than there is room for",
                        input("FP64", "[10000]", "[" + "0,".repeat(9999) + "0]")),
                range("INT8", "128"),
                range("INT8", "1.0"),
                range("INT8", "1e1"),
                range("INT8", "true"),
                range("INT64", "9223372036854775808"),
                range("UINT8", "-1"),
                range("UINT64", "-1"),
                range("UINT64", "18446744073709551616"),
                range("BOOL", "1"),
                range("FP32", "1e39"),
                range("FP64", "1e309"),
                range("FP64", "\"1\""),
                range("FP32", "null"),
                bad("an object among elements", input("FP32", "[1]", "[{}]")),
                bad(
                        "objects with many keys within rows",
                        input("FP32", "[1,1]", "[[1,{" + keys(100_000) + "}]]")),
                range("BYTES", "1"),
                bad("NaN", input("FP32", "[1]", "[NaN]")),
                bad("a number without end", input("FP32", "[1]", "[" + "1".repeat(2000) + "]")),
                Arguments.of("INPUT_CONTENT", "half floats", input("FP16", "[1]", "[1]")),
                Arguments.of(
                        "INPUT_CONTENT",
                        "no elements",
                        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1]}]}"),
                Arguments.of(
                        "INPUT_CONTENT",
                        "both forms",
                        input("FP32", "[1]", "[1],\"parameters\":{\"binary_data_size\":0}")),
                Arguments.of("INPUT_SIZE", "binary data that did not come", binaryInput("4")),
                Arguments.of("INPUT_SIZE", "binary data of less than none", binaryInput("-1")));
    }

    private static String keys(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"k" + i + "\":0")
                .collect(Collectors.joining(","));
    }

    private static Arguments bad(String what, String json) {
        return Arguments.of("REQUEST_MALFORMED", what, json);
    }

    private static Arguments range(String type, String element) {
        return Arguments.of(
                "INPUT_RANGE", element + " as " + type, input(type, "[1]", "[" + element + "]"));
    }

    private static String parameters(int count) {
        var json = new StringBuilder("{\"parameters\":{\"p\":1");
        for (int i = 0; i < count; i++) {
            json.append(",\"p").append(i).append("\":1");
        }
        return json.append("}}").toString();
    }

    private static String binaryInput(String size) {
        return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"parameters\":"
                + "{\"binary_data_size\":"
                + size
                + "}}]}";
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("bad")
    void refuses(String reason, String what, String json) {
        assertThatThrownBy(() -> read(json)).satisfies(refused(reason));
    }

    @Test
    void refusesBinaryDataThatNoInputHas() {
        byte[] json = input("UINT8", "[1]", "[1]").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(with(json, new byte[3]), json.length))
                .satisfies(refused("REQUEST_MALFORMED"));
    }

    @Test
    void leavesToTheModelWhatTheModelKnows() throws Exception {
        assertThat(read(input("FP31", "[1]", "[1]")).request().getInputs(0).getDatatype())
                .isEqualTo("FP31");
        assertThat(read(input("FP32", "[-1]", "[1]")).request().getInputs(0).getShape(0))
                .isEqualTo(-1);
        assertThat(
                        read("{\"inputs\":[{\"name\":\"x\",\"parameters\":"
                                        + "{\"shared_memory_region\":\"r\"}}]}")
                                .request()
                                .getInputs(0)
                                .containsParameters("shared_memory_region"))
                .isTrue();
    }

    private static Consumer<Throwable> refused(String reason) {
        return e ->
                assertThat(e)
                        .isInstanceOfSatisfying(
                                RefusedException.class,
                                refusal -> {
                                    assertThat(refusal.reason())
                                            .as(refusal.getMessage())
                                            .isEqualTo(reason);
                                    assertThat(refusal.getMessage()).hasSizeLessThan(400);
                                });
    }

    private static String input(String type, String shape, String data) {
        return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"%s\",\"shape\":%s,\"data\":%s}]}"
                .formatted(type, shape, data);
    }

    private static RestRequest read(String json) throws RefusedException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return read(body, body.length);
    }

    private static RestRequest read(byte[] body, int jsonLength) throws RefusedException {
        return RequestReader.read(body, body.length, jsonLength, "acme/net", "3", MAX_BYTES);
    }

    private static byte[] with(byte[] json, byte[] binary) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(json);
        body.writeBytes(binary);
        return body.toByteArray();
    }

    private static ByteBuffer raw(RestRequest read) {
        return read.request()
                .getRawInputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
