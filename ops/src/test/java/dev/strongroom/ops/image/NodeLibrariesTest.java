package dev.strongroom.ops.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeLibrariesTest {
    private static final String MANIFEST =
            """
            Manifest-Version: 1.0
            Multi-Release: true
            Automatic-Module-Name: some.library

            Name: some/Thing.class
            SHA-256-Digest: AAAA

            """;

    @TempDir private Path folder;

    @Test
    void leavesNoSignatureThatEachStartWouldCheck() throws IOException {
        try (var copied = copied()) {
            assertThat(copied.stream().map(ZipEntry::getName))
                    .containsExactlyInAnyOrder("META-INF/MANIFEST.MF", "some/Thing.class");
            assertThat(copied.getManifest().getEntries()).isEmpty();
        }
    }

    @Test
    void keepsWhatTheManifestSaysOfTheWholeJar() throws IOException {
        try (var copied = copied()) {
            var main = copied.getManifest().getMainAttributes();
            assertThat(main.getValue("Automatic-Module-Name")).isEqualTo("some.library");
            assertThat(main.getValue("Multi-Release")).isEqualTo("true");
        }
    }

    @Test
    void compressesNothing() throws IOException {
        try (var copied = copied()) {
            assertThat(copied.stream()).allMatch(entry -> entry.getMethod() == ZipEntry.STORED);
        }
    }

    private JarFile copied() throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("META-INF/MANIFEST.MF", MANIFEST);
        entries.put("META-INF/BC2048KE.SF", "signed");
        entries.put("META-INF/BC2048KE.RSA", "signature");
        entries.put("some/Thing.class", "code");
        Path from = Files.createDirectory(folder.resolve("from"));
        try (OutputStream file = Files.newOutputStream(from.resolve("some.jar"));
                var out = new ZipOutputStream(file)) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        NodeLibraries.copy(from, folder.resolve("lib"), folder.resolve("native"));
        return new JarFile(folder.resolve("lib/some.jar").toFile());
    }
}
