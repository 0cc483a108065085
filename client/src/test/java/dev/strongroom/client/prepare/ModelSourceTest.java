package dev.strongroom.client.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSourceTest {
    @TempDir Path root;
    private Path folder;
    private Path graph;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("model"));
        graph = folder.resolve("m.onnx");
        Files.write(root.resolve("secret"), new byte[1 << 16]);
    }

    @Test
    void findsTheExternalFilesThatTheGraphNames() throws Exception {
        Files.createDirectory(folder.resolve("data"));
        Files.write(folder.resolve("data/w.bin"), TinyOnnx.weights());
        Files.write(graph, TinyOnnx.external("data/w.bin"));

        ModelSource source = ModelSource.of(folder);

        assertThat(source.graph().name()).isEqualTo("m.onnx");
        assertThat(source.external())
                .containsExactly(
                        new ModelSource.Part(
                                "data/w.bin", folder.resolve("data/w.bin"), TinyOnnx.bytes()));
    }

    @Test
    void knowsTheOutputsOfTheGraph() throws Exception {
        Files.write(graph, TinyOnnx.inline());
        ModelSource source = ModelSource.of(graph);
        assertThat(source.gives("y")).isTrue();
        assertThat(source.gives("x")).isFalse();
        assertThat(source.gives("strongroom.penultimate")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "/etc/passwd",
                "a/../../secret",
                "./w.bin",
                "",
                "..",
                "a//w.bin",
                "c:w.bin",
                "..\\secret",
                "w.bin/",
                "a\0b"
            })
    void refusesExternalDataThatIsNotAPlainRelativeName(String location) throws Exception {
        Files.write(folder.resolve("w.bin"), TinyOnnx.weights());
        Files.write(graph, TinyOnnx.external(location));

        assertRefused("outside its folder");
    }

    @Test
    void refusesALinkOutOfTheFolder() throws Exception {
        Files.createSymbolicLink(folder.resolve("w.bin"), root.resolve("secret"));
        Files.write(graph, TinyOnnx.external("w.bin"));

        assertRefused("link out of the model's folder");
    }

    @Test
    void refusesAFolderThatIsALinkOut() throws Exception {
        Files.createSymbolicLink(folder.resolve("data"), root);
        Files.write(graph, TinyOnnx.external("data/secret"));

        assertRefused("link out of the model's folder");
    }

    @Test
    void seesExternalDataInSubgraphs() throws Exception {
        Files.write(graph, TinyOnnx.externalInSubgraph("../secret"));

        assertRefused("outside its folder");
    }

    @Test
    void refusesExternalDataThatIsCutOff() throws Exception {
        Files.write(folder.resolve("w.bin"), Arrays.copyOf(TinyOnnx.weights(), 100));
        Files.write(graph, TinyOnnx.external("w.bin"));

        assertRefused("expected at least " + TinyOnnx.bytes() + " bytes, got 100");
    }

    /** The file is large enough, and takes no room on disk. */
    @Test
    void refusesATensorThatNoNodeTakes() throws Exception {
        try (var weights = new RandomAccessFile(folder.resolve("w.bin").toFile(), "rw")) {
            weights.setLength(3L << 30);
        }
        Files.write(graph, TinyOnnx.external("w.bin", 1L << 31));
        assertRefused("one tensor has 2147483648 bytes, at offset 0 of its file");
        Files.write(graph, TinyOnnx.external("w.bin", Integer.MAX_VALUE - 64));
        assertThat(ModelSource.of(folder).totalBytes()).isGreaterThan(3L << 30);
    }

    @Test
    void refusesOperatorsThatWouldNeedLoadedCode() throws Exception {
        Files.write(graph, TinyOnnx.withDomain("com.evil"));

        assertRefused("operators of the domain com.evil");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not a model at all, just text that goes on for a while",
                "\u0008\u0008"
            })
    void refusesWhatIsNotOnnx(String content) throws Exception {
        Files.write(graph, content.getBytes(StandardCharsets.UTF_8));

        assertRefused("is not an ONNX model");
    }

    @Test
    void refusesEveryTruncationWithoutAnyOtherException() throws Exception {
        byte[] whole = TinyOnnx.external("w.bin");
        Files.write(folder.resolve("w.bin"), TinyOnnx.weights());
        Files.write(graph, whole);
        ModelSource.of(graph);
        // the last two fields, the opset, are not needed to be a model: cut into the graph
        for (int length = 0; length < whole.length - 4; length++) {
            Files.write(graph, Arrays.copyOf(whole, length));
            assertRefused("is not an ONNX model");
        }
    }

    @Test
    void refusesAFolderWithTwoGraphs() throws Exception {
        Files.write(graph, TinyOnnx.inline());
        Files.write(folder.resolve("other.onnx"), TinyOnnx.inline());

        assertRefused("2 .onnx files, expected one");
    }

    @Test
    void theFingerprintChangesWithAnyFile() throws Exception {
        Files.write(folder.resolve("w.bin"), TinyOnnx.weights());
        Files.write(graph, TinyOnnx.external("w.bin"));
        var before = ModelSource.of(folder).fingerprint();

        assertThat(ModelSource.of(folder).fingerprint()).isEqualTo(before);
        Files.setLastModifiedTime(folder.resolve("w.bin"), FileTime.from(Instant.EPOCH));
        assertThat(ModelSource.of(folder).fingerprint()).isNotEqualTo(before);
    }

    @Test
    void theFingerprintChangesWhenAFileIsReplacedByOneOfItsSizeAndTime() throws Exception {
        Path weights = Files.write(folder.resolve("w.bin"), TinyOnnx.weights());
        Files.write(graph, TinyOnnx.external("w.bin"));
        var before = ModelSource.of(folder).fingerprint();
        byte[] other = TinyOnnx.weights();
        other[0] ^= 1;

        Path fresh = Files.write(folder.resolve("fresh"), other);
        Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(weights));
        Files.move(fresh, weights, StandardCopyOption.REPLACE_EXISTING);

        assertThat(ModelSource.of(folder).fingerprint()).isNotEqualTo(before);
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> ModelSource.of(folder))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(why)
                .extracting(e -> ((ClientException) e).kind())
                .isEqualTo(ClientException.Kind.LOCAL);
    }
}
