package dev.strongroom.client.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {
    @TempDir Path parent;

    @Test
    void onlyTheOwnerCanEnter() throws Exception {
        try (var directory = PrivateDirectory.create(parent.resolve("private"))) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(directory.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void closingOverwritesAndDeletes() throws Exception {
        var directory = PrivateDirectory.create(parent);
        Path file = Files.write(directory.path().resolve("weights.bin"), new byte[] {1, 2, 3});
        try (FileChannel stillOpen = FileChannel.open(file, StandardOpenOption.READ)) {
            directory.close();

            assertThat(stillOpen.size()).isEqualTo(3);
            var content = ByteBuffer.allocate(3);
            stillOpen.read(content, 0);
            assertThat(content.array()).containsOnly(0);
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void wipesWhatACrashLeftButNotWhatIsInUse() throws Exception {
        Path leftover = Files.createDirectories(parent.resolve("prepare-123/out"));
        Files.write(leftover.resolve("weights.bin"), new byte[5]);
        Files.createSymbolicLink(
                leftover.resolve("link"), Files.createDirectory(parent.resolve("x")));
        try (var inUse = PrivateDirectory.create(parent)) {
            assertThat(PrivateDirectory.wipeLeftovers(parent)).isEqualTo(1);

            assertThat(inUse.path()).exists();
            assertThat(parent.resolve("prepare-123")).doesNotExist();
            assertThat(parent.resolve("x")).exists();
        }
    }
}
