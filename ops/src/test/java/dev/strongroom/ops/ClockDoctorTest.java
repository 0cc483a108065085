package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock that is wrong shows beside what was written under it and beside another clock. */
class ClockDoctorTest {
    private static final Instant NOW = Instant.parse("2027-05-01T12:00:00Z");

    @TempDir private Path dir;
    private Path hardware;
    private Path written;

    @BeforeEach
    void write() throws Exception {
        hardware = dir.resolve("since_epoch");
        written = Files.createDirectory(dir.resolve("written"));
        Path file = Files.createFile(written.resolve("vault.db"));
        Files.setLastModifiedTime(file, FileTime.from(NOW));
    }

    private Checkup at(Instant now) throws Exception {
        return new ClockDoctor(() -> now, hardware)
                .examine(List.of(written, dir.resolve("nowhere")));
    }

    private void hardwareSays(Instant time) throws Exception {
        Files.writeString(hardware, time.getEpochSecond() + "\n");
    }

    @Test
    void isRightWhenNothingSpeaksAgainstIt() throws Exception {
        assertThat(at(NOW).health()).isEqualTo(Checkup.Health.OK);
        assertThat(at(NOW.minusSeconds(60)).health()).isEqualTo(Checkup.Health.OK);
        hardwareSays(NOW.plusSeconds(100));
        assertThat(at(NOW).finding()).endsWith("as the hardware clock says");
    }

    @Test
    void isWrongBeforeWhatWasWrittenUnderIt() throws Exception {
        Checkup behind = at(NOW.minus(Duration.ofHours(1)));
        assertThat(behind.health()).isEqualTo(Checkup.Health.FAIL);
        assertThat(behind.finding()).contains("is before", "vault.db was written");
        assertThat(at(Instant.EPOCH).finding()).contains("this program was written");
    }

    @Test
    void isDoubtfulFarFromTheHardwareClock() throws Exception {
        hardwareSays(NOW.minus(Duration.ofHours(1)));
        assertThat(at(NOW).health()).isEqualTo(Checkup.Health.WARN);
        assertThat(at(NOW).finding()).contains("hardware clock says 2027-05-01T11:00:00Z");
    }
}
