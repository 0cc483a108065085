package dev.strongroom.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.config.ServiceException;
import dev.strongroom.testkit.ConfigurationPage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessConfigTest {
    @TempDir private Path folder;

    @Test
    void theConfigurationPageShowsEveryKey() throws Exception {
        var page = ConfigurationPage.of("Witness");
        assertThat(WitnessConfig.read(page.in(folder)).host()).isEqualTo("127.0.0.1");

        Path unknown = Files.writeString(folder.resolve("unknown.yaml"), "nonsense: 1\n");
        assertThatThrownBy(() -> WitnessConfig.read(unknown))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        fault ->
                                assertThat(page.lacks(String.valueOf(fault.getMessage())))
                                        .isEmpty());
    }
}
