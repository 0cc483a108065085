package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelMetadataResponse;
import dev.strongroom.proto.inference.ModelMetadataResponse.TensorMetadata;
import dev.strongroom.proto.inference.ServerMetadataResponse;
import dev.strongroom.serving.infer.RefusedException;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** The protocol's small documents, and how all of its JSON is read and written. */
final class Json {
    private static final int MAX_DEPTH = 40; // a tensor of 32 dimensions within its request
    private static final int MAX_NAME = 256; // characters of a key
    private static final int MAX_TEXT = Integer.MAX_VALUE; // the body's own limit is lower

    /** Strict: no comments, no loose quotes, no key twice, no NaN, nothing deep. */
    static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNameLength(MAX_NAME)
                                    .maxStringLength(MAX_TEXT)
                                    .build())
                    .build();

    private Json() {}

    static byte[] object(Consumer<JsonGenerator> fields) {
        var out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            fields.accept(json);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    static byte[] error(RefusedException refusal) {
        return object(json ->
                json.writeStringProperty("error", refusal.reason() + ": " + refusal.getMessage()));
    }

    static byte[] server(ServerMetadataResponse server) {
        return object(json -> {
            json.writeStringProperty("name", server.getName());
            json.writeStringProperty("version", server.getVersion());
            texts(json, "extensions", server.getExtensionsList());
        });
    }

    static byte[] model(ModelMetadataResponse model) {
        return object(json -> {
            json.writeStringProperty("name", model.getName());
            texts(json, "versions", model.getVersionsList());
            json.writeStringProperty("platform", model.getPlatform());
            tensors(json, "inputs", model.getInputsList());
            tensors(json, "outputs", model.getOutputsList());
        });
    }

    private static void tensors(JsonGenerator json, String field, List<TensorMetadata> tensors) {
        json.writeArrayPropertyStart(field);
        for (TensorMetadata tensor : tensors) {
            json.writeStartObject();
            json.writeStringProperty("name", tensor.getName());
            json.writeStringProperty("datatype", tensor.getDatatype());
            shape(json, tensor.getShapeList());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static void shape(JsonGenerator json, List<Long> shape) {
        json.writeArrayPropertyStart("shape");
        shape.forEach(json::writeNumber);
        json.writeEndArray();
    }

    private static void texts(JsonGenerator json, String field, List<String> texts) {
        json.writeArrayPropertyStart(field);
        texts.forEach(json::writeString);
        json.writeEndArray();
    }
}
