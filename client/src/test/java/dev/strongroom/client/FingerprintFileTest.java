package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The owner's fingerprint root is made once, for its owner's eyes only, and never replaced. */
class FingerprintFileTest {
    private static final String VERSION = "0f".repeat(16);

    @TempDir private Path folder;
    private Profile profile;

    @BeforeEach
    void profile() throws Exception {
        profile = new Profile(folder);
    }

    @Test
    void theSecondVersionIsMarkedUnderTheSameRoot() throws Exception {
        try (var first = FingerprintFile.loadOrCreate(profile, new SecureRandom());
                var second = FingerprintFile.loadOrCreate(profile, new SecureRandom())) {
            assertThat(second.forVersion(VERSION).bytes())
                    .isEqualTo(first.forVersion(VERSION).bytes())
                    .isNotEqualTo(first.forVersion("f0".repeat(16)).bytes());
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void aDamagedRootIsRefusedAndNotReplaced() throws Exception {
        Files.write(file(), new byte[31]);

        assertThatThrownBy(() -> FingerprintFile.loadOrCreate(profile, new SecureRandom()))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("fingerprint.key");
        assertThat(file()).hasSize(31);
    }

    @Test
    void tracingWithoutARootSaysSo() {
        assertThatThrownBy(() -> FingerprintFile.load(profile))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("fingerprint.key");
    }

    private Path file() {
        return folder.resolve("fingerprint.key");
    }
}
