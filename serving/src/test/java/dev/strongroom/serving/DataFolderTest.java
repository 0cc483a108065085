package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    private static final TenantName ACME = new TenantName("acme");
    private static final TenantName GLOBEX = new TenantName("globex");

    @TempDir private Path root;

    @Test
    void keepsASecondNodeOut() throws Exception {
        try (var _ = DataFolder.open(root)) {
            assertThatThrownBy(() -> DataFolder.open(root))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("in use by another node");
        }
        DataFolder.open(root).close();
    }

    @Test
    void tenantsShareNoFileAndThoseOfWhomNothingIsServedLeaveNone() throws Exception {
        try (var folder = DataFolder.open(root)) {
            Path old = file(folder.sealed(new TenantName("initech")).resolve("a"));
            Path flat = file(root.resolve("sealed").resolve("b"));
            Path kept = file(folder.sealed(ACME).resolve("a"));
            folder.keepSealed(Set.of(ACME, GLOBEX));
            assertThat(old.getParent()).doesNotExist();
            assertThat(flat).doesNotExist();
            assertThat(kept).exists();
            var version = new VersionId("00".repeat(VersionId.BYTES));
            assertThat(folder.guardState(ACME, version))
                    .as("owners choose the ids of their versions")
                    .isNotEqualTo(folder.guardState(GLOBEX, version));
        }
    }

    private static Path file(Path at) throws IOException {
        Files.createDirectories(at.getParent());
        return Files.writeString(at, "sealed");
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
