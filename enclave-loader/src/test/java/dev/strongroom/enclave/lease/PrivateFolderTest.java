package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateFolderTest {
    @TempDir private Path root;

    @Test
    void makesFoldersThatOnlyTheOwnerEnters() throws Exception {
        Path folder = PrivateFolder.open(root.resolve("a/b"));

        assertThat(mode(folder)).isEqualTo("rwx------");
        assertThat(mode(root.resolve("a"))).isEqualTo("rwx------");
        assertThat(PrivateFolder.open(folder)).isEqualTo(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxr-x---", "rwx-----x", "rwxrwxrwx", "rwx---r--"})
    void refusesAFolderThatOthersCanUse(String wide) throws Exception {
        Path folder = Files.createDirectory(root.resolve("data"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(wide));

        assertThatThrownBy(() -> PrivateFolder.open(folder))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("chmod 700 " + folder);
        assertThatThrownBy(() -> new NodeMemory(folder)).isInstanceOf(FileSystemException.class);
        assertThat(mode(folder)).isEqualTo(wide);
    }

    private static String mode(Path folder) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    }
}
