package dev.strongroom.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
    private static final String DEEP = "a".repeat(90) + "/" + "b".repeat(60) + "/" + "c".repeat(90);

    @TempDir private Path folder;
    private Path tree;

    @BeforeEach
    void makeATree() throws IOException {
        tree = make("tree");
    }

    @Test
    void twoCopiesMadeAtOtherTimesAreOneTree() throws IOException {
        Path other = make("other");
        Files.setLastModifiedTime(other.resolve("bin/run"), FileTime.from(Instant.EPOCH));
        assertThat(digest(other)).isEqualTo(digest(tree));
        assertThat(tar(other)).hasSameBinaryContentAs(tar(tree));
    }

    @Test
    void aTarUnpacksToTheSameTree() throws IOException {
        Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
        Tar.unpack(tar(tree), unpacked);
        assertThat(digest(unpacked)).isEqualTo(digest(tree));
        assertThat(unpacked.resolve("bin/run")).isExecutable().hasContent("machine code");
    }

    @Test
    void gnuTarReadsIt() throws Exception {
        Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
        Tool.run(List.of("tar", "-xf", tar(tree).toString(), "-C", unpacked.toString()));
        assertThat(digest(unpacked)).isEqualTo(digest(tree));
    }

    @Test
    void contentNameAndTheRightToRunEachChangeTheDigest() throws IOException {
        Digest before = digest(tree);
        Files.writeString(tree.resolve("etc/file"), "Text");
        assertThat(digest(tree)).isNotEqualTo(before);
        Files.writeString(tree.resolve("etc/file"), "text");
        assertThat(digest(tree)).isEqualTo(before);
        assertThat(tree.resolve("etc/file").toFile().setExecutable(true)).isTrue();
        assertThat(digest(tree)).isNotEqualTo(before);
        assertThat(tree.resolve("etc/file").toFile().setExecutable(false)).isTrue();
        Files.move(tree.resolve("etc/file"), tree.resolve("etc/named"));
        assertThat(digest(tree)).isNotEqualTo(before);
        Files.move(tree.resolve("etc/named"), tree.resolve("etc/file"));
        Files.createDirectory(tree.resolve("empty"));
        assertThat(digest(tree)).isNotEqualTo(before);
    }

    @Test
    void refusesLinks() throws IOException {
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/passwd"));
        assertThatThrownBy(() -> FileTree.of(tree))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a folder or a regular file");
    }

    @Test
    void refusesATarThatLeadsOut() throws IOException {
        Path tar = tar(tree);
        byte[] bytes = Files.readAllBytes(tar);
        byte[] out = "../out\0".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(out, 0, bytes, 0, out.length);
        Files.write(tar, bytes);
        Path into = Files.createDirectory(folder.resolve("into"));
        assertThatThrownBy(() -> Tar.unpack(tar, into)).hasMessageContaining("leads out");
        Files.write(tar, Arrays.copyOf(bytes, 700));
        assertThatThrownBy(() -> Tar.unpack(tar, into)).isInstanceOf(IOException.class);
    }

    private Path make(String name) throws IOException {
        Path root = folder.resolve(name);
        Files.createDirectories(root.resolve("etc"));
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve(DEEP).getParent());
        Files.writeString(root.resolve("etc/file"), "text");
        Files.writeString(root.resolve("bin/run"), "machine code");
        Files.write(root.resolve(DEEP), new byte[1024]);
        assertThat(root.resolve("bin/run").toFile().setExecutable(true)).isTrue();
        return root;
    }

    private static Digest digest(Path root) throws IOException {
        return TreeDigest.of(FileTree.of(root));
    }

    private Path tar(Path root) throws IOException {
        Path tar = folder.resolve(root.getFileName() + ".tar");
        Tar.write(FileTree.of(root), tar);
        return tar;
    }
}
