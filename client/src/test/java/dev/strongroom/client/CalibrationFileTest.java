package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.ValueInfoProto;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationFileTest {
    @TempDir private Path folder;

    private ModelSource model(String... outputs) throws Exception {
        GraphProto.Builder graph = GraphProto.newBuilder();
        for (String output : outputs) {
            graph.addOutput(ValueInfoProto.newBuilder().setName(output));
        }
        ModelProto model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph).build();
        return ModelSource.of(Files.write(folder.resolve("m.onnx"), model.toByteArray()));
    }

    @Test
    void aCalibrationGoesWithAModelThatHasTheTensorItIsOf() throws Exception {
        CalibrationFile.requireTap(model("probabilities", "strongroom.penultimate"));
        ModelSource untapped = model("probabilities");
        assertThatThrownBy(() -> CalibrationFile.requireTap(untapped))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("no output strongroom.penultimate");
    }

    @Test
    void refusesWhatIsNoCalibration() throws Exception {
        Path file = Files.write(folder.resolve("c"), new byte[20]);
        assertThatThrownBy(() -> CalibrationFile.read(file))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("another format");
    }
}
