package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir private Path root;

    @Test
    void keepsASecondNodeOut() throws Exception {
        try (var first = DataFolder.open(root)) {
            assertThat(first.sealed()).isEqualTo(root.resolve("sealed"));
            assertThatThrownBy(() -> DataFolder.open(root))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("in use by another node");
        }
        DataFolder.open(root).close();
    }

    @Test
    void refusesAFolderThatOthersEnter() throws Exception {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThatThrownBy(() -> DataFolder.open(root))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("chmod 700");
        assertThat(root.resolve("lock")).doesNotExist();
    }
}
