package dev.strongroom.client.prepare;

import dev.strongroom.client.ClientException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.fuzz.HostileFile;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A model file that somebody gave the owner. */
class OnnxAdmissionFuzz {
    private static final HostileFile FILE = HostileFile.named("model.onnx");

    static List<byte[]> seeds() {
        return List.of(
                ModelProto.newBuilder()
                        .setIrVersion(8)
                        .setGraph(
                                GraphProto.newBuilder()
                                        .addInitializer(
                                                TensorProto.newBuilder()
                                                        .addExternalData(entry("location", "w"))
                                                        .addExternalData(entry("length", "8"))))
                        .build()
                        .toByteArray());
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @MethodSource("seeds")
    @Fuzzed
    void admitsAModelOrRefuses(byte[] input) throws Exception {
        Hostile.read(
                input,
                ClientException.class,
                model -> OnnxAdmission.externalFiles(FILE.with(model)));
    }
}
