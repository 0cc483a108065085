package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.DataType;
import dev.strongroom.client.ModelSignature;
import dev.strongroom.client.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A question or an answer as the Open Inference Protocol has it in JSON: what goes to {@code
 * /infer} and what comes back, and what {@code infer --question --answer} keeps.
 */
final class ExchangeJson {
    private static final String INPUTS = "inputs";
    private static final String OUTPUTS = "outputs";
    private static final long MAX_BYTES = 256L << 20; // a node takes less in a message

    private ExchangeJson() {}

    /**
     * What somebody kept.
     *
     * @param version of the answer; empty where the file does not say
     * @param id of the request, which the answer repeats; mostly empty
     */
    record Kept(Optional<String> version, String id, List<Tensor> tensors) {}

    static Kept question(Path file) throws ClientException, IOException {
        return read(file, INPUTS);
    }

    static Kept answer(Path file) throws ClientException, IOException {
        return read(file, OUTPUTS);
    }

    static void keepQuestion(Path file, List<Tensor> inputs) throws IOException {
        write(file, Map.of(INPUTS, tensors(inputs)));
    }

    static void keepAnswer(Path file, String model, String version, List<Tensor> outputs)
            throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("model_name", model);
        answer.put("model_version", version);
        answer.put(OUTPUTS, tensors(outputs));
        write(file, answer);
    }

    /** As rows of the protocol. */
    static List<Map<String, Object>> tensors(List<Tensor> tensors) {
        return tensors.stream()
                .<Map<String, Object>>map(tensor ->
                        Answer.with("name", tensor.name())
                                .with("datatype", tensor.type().name())
                                .with("shape", tensor.shape())
                                .with("data", TensorJson.write(tensor))
                                .row())
                .toList();
    }

    private static void write(Path file, Object value) throws IOException {
        Files.writeString(file, JsonMapper.shared().writeValueAsString(value));
    }

    private static Kept read(Path file, String field) throws ClientException, IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
            throw malformed(file, field, "no file of at most " + (MAX_BYTES >> 20) + " MiB");
        }
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(Files.readString(file));
        } catch (JacksonException | IOException e) {
            throw malformed(file, field, "not JSON");
        }
        List<Tensor> tensors = new ArrayList<>();
        for (JsonNode tensor : root.path(field)) {
            tensors.add(tensor(file, field, tensor));
        }
        if (tensors.isEmpty()) {
            throw malformed(file, field, "no tensors under '" + field + "'");
        }
        return new Kept(
                Optional.of(root.path("model_version").asString(""))
                        .filter(text -> !text.isEmpty()),
                root.path("id").asString(""),
                tensors);
    }

    private static Tensor tensor(Path file, String field, JsonNode json) throws ClientException {
        String name = json.path("name").asString("");
        List<Long> shape = new ArrayList<>();
        json.path("shape").forEach(size -> shape.add(size.asLong(-1)));
        if (!json.path("data").isArray()) {
            throw malformed(file, field, "tensor '" + name + "' has no data in JSON");
        }
        try {
            var port =
                    new ModelSignature.Port(
                            name, DataType.valueOf(json.path("datatype").asString("")), shape);
            // In one list or in lists of lists: the protocol takes both.
            Tensor read = TensorJson.read(port, json.path("data").toString());
            return new Tensor(name, read.type(), shape, read.data());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw malformed(file, field, "tensor '" + name + "': datatype, shape and data differ");
        }
    }

    private static ClientException malformed(Path file, String field, String why) {
        return ClientException.local(
                file + ": " + why,
                "give the JSON of the protocol, {\""
                        + field
                        + "\": [{\"name\", \"datatype\", \"shape\","
                        + " \"data\"}]}, as it was sent or received");
    }
}
