package dev.strongroom.testkit.softhsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoftHsmTest {
    @TempDir private Path dir;

    @Test
    void makesATokenForOtherProcesses() throws Exception {
        SoftHsm softHsm = SoftHsm.create(dir.resolve("hsm"));

        assertThat(softHsm.folder()).isDirectory().startsWith(dir);
        assertThat(softHsm.serial()).matches("[0-9a-f]{16}");
        assertThat(softHsm.environment())
                .containsEntry("SOFTHSM2_CONF", dir.resolve("hsm/softhsm2.conf").toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(softHsm.pinFile())))
                .isEqualTo("rw-------");
        assertThat(Files.size(softHsm.pinFile())).isEqualTo(32);
    }

    @Test
    void makesSeveralTokensInThisProcess() {
        SoftHsm first = SoftHsm.inThisProcess();
        SoftHsm second = SoftHsm.inThisProcess();

        assertThat(first.serial()).isNotEqualTo(second.serial());
        assertThat(first.tokens()).isEqualTo(second.tokens());
        assertThat(first.folder()).isDirectory();
        assertThat(second.folder()).isDirectory();
    }

    @Test
    void findsAModuleThatAPropertyNames() throws Exception {
        Path named = Files.createFile(dir.resolve("module.so"));
        System.setProperty(SoftHsm.MODULE_PROPERTY, named.toString());
        try {
            assertThat(SoftHsm.findModule()).contains(named);
        } finally {
            System.clearProperty(SoftHsm.MODULE_PROPERTY);
        }
    }
}
