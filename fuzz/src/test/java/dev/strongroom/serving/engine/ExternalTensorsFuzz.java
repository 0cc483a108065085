package dev.strongroom.serving.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.provider.MethodSource;

/** A graph whose initialisers lie in weights files: none may reach outside its file. */
class ExternalTensorsFuzz {
    private static final long FILE_BYTES = 4096;

    static List<byte[]> seeds() {
        var tensor =
                TensorProto.newBuilder()
                        .setName("w")
                        .addDims(2)
                        .setDataType(1)
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", "weights.bin"))
                        .addExternalData(entry("offset", "0"))
                        .addExternalData(entry("length", "8"));
        return List.of(
                ModelProto.newBuilder()
                        .setIrVersion(8)
                        .setGraph(GraphProto.newBuilder().addInitializer(tensor))
                        .build()
                        .toByteArray());
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @MethodSource("seeds")
    @Fuzzed
    void findsTensorsInsideTheirFilesOrRefuses(byte[] input) throws Exception {
        var tensors =
                Hostile.read(
                        input,
                        UnservableModelException.class,
                        graph ->
                                ExternalTensors.find(
                                        MemorySegment.ofArray(graph),
                                        Map.of("weights.bin", FILE_BYTES)));
        if (tensors.isPresent()) {
            assertThat(tensors.get())
                    .allMatch(tensor -> tensor.offset() >= 0)
                    .allMatch(tensor -> tensor.offset() + tensor.bytes() <= FILE_BYTES);
        }
    }
}
