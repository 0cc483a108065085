package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelMetadataResponse;
import dev.strongroom.proto.inference.ModelMetadataResponse.TensorMetadata;
import dev.strongroom.proto.inference.ServerMetadataResponse;
import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;

/**
 * What is served to a caller, in the words of the Open Inference Protocol, version 2.
 *
 * <p>Thread-safe.
 *
 * @param path that inferences take
 * @param serverVersion of this node
 */
public record Description(InferencePath path, String serverVersion) {
    public static final String PLATFORM = "onnx_onnxv1";

    /** Of Triton's, those that are served. */
    private static final List<String> EXTENSIONS =
            List.of("binary_tensor_data", "model_configuration", "model_repository", "statistics");

    /** True while some model of the caller's tenant takes inferences. */
    public boolean ready(Caller caller) {
        return path.open() && path.models(caller).inForce().stream().anyMatch(ServedModel::ready);
    }

    /**
     * True while the model takes inferences.
     *
     * @param version empty is the one in force
     * @throws RefusedException when it is not served here
     */
    public boolean ready(Caller caller, String name, String version) throws RefusedException {
        ServedModels models = path.models(caller);
        if (models.away(name)) {
            return false; // and stays away: who only looks drives nothing out
        }
        try (var hold = models.require(name, version)) {
            return path.open() && hold.model().ready();
        }
    }

    public ServerMetadataResponse server() {
        return ServerMetadataResponse.newBuilder()
                .setName("strongroom")
                .setVersion(serverVersion)
                .addAllExtensions(EXTENSIONS)
                .build();
    }

    /**
     * Of a model.
     *
     * @param version empty is the one in force
     * @throws RefusedException when it is not served here
     */
    public ModelMetadataResponse model(Caller caller, String name, String version)
            throws RefusedException {
        try (var hold = path.models(caller).require(name, version)) {
            ServedModel model = hold.model();
            return ModelMetadataResponse.newBuilder()
                    .setName(model.name())
                    .addVersions(model.version())
                    .setPlatform(PLATFORM)
                    .addAllInputs(tensors(model.inputs()))
                    .addAllOutputs(tensors(model.outputs()))
                    .build();
        }
    }

    private static List<TensorMetadata> tensors(List<TensorSignature> signatures) {
        return signatures.stream()
                .map(signature ->
                        TensorMetadata.newBuilder()
                                .setName(signature.name())
                                .setDatatype(signature.type().name())
                                .addAllShape(signature.shape())
                                .build())
                .toList();
    }
}
