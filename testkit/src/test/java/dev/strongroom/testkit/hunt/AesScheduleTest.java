package dev.strongroom.testkit.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class AesScheduleTest {
    /** FIPS 197, appendix A.3. */
    @Test
    void expandsTheKeyOfTheStandard() {
        byte[] key =
                HexFormat.of()
                        .parseHex(
                                "603deb1015ca71be2b73aef0857d7781"
                                        + "1f352c073b6108d72d9810a30914dff4");

        String schedule = HexFormat.of().formatHex(AesSchedule.expand(key));

        assertThat(schedule).hasSize(480);
        assertThat(schedule.substring(64, 128))
                .isEqualTo("9ba354118e6925afa51a8b5f2067fcde" + "a8b09c1a93d194cdbe49846eb75d5b9a");
        assertThat(schedule).endsWith("fe4890d1e6188d0b046df344706c631e");
    }
}
