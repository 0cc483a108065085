package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A log explains a register when its replay gives the quoted value, and only then. */
class CcEventLogTest {
    private static final byte[] ZERO = new byte[TdReport.MEASUREMENT_BYTES];
    private static final byte[] LOG =
            new CcLogBytes()
                    .event(1, "firmware")
                    .event(2, "kernel")
                    .event(1, "variables")
                    .encoded();

    @Test
    void replaysEachRegister() throws Exception {
        CcEventLog log = CcEventLog.parse(LOG);
        assertThat(log.rtmr(0))
                .isEqualTo(CcLogBytes.extended(CcLogBytes.extended(ZERO, "firmware"), "variables"));
        assertThat(log.rtmr(1)).isEqualTo(CcLogBytes.extended(ZERO, "kernel"));
        assertThat(log.rtmr(2)).isEqualTo(ZERO);
        assertThat(log.rtmr(3)).isEqualTo(ZERO);
    }

    @Test
    void saysWhichRegistersOfAQuoteItExplains() throws Exception {
        var platform = new SoftwarePlatform(5);
        CcEventLog log = CcEventLog.parse(LOG);
        System.arraycopy(log.rtmr(0), 0, platform.report, 0x148, 48);
        TdReport report = TdxQuote.parse(platform.quote()).report();
        assertThat(log.claims(report))
                .isEqualTo(
                        Map.of(
                                "tdx.log.rtmr0", "true",
                                "tdx.log.rtmr1", "false",
                                "tdx.log.rtmr2", "true",
                                "tdx.log.rtmr3", "true"));
    }

    @Test
    void readsALogThatIsSmallerThanItsArea() throws Exception {
        var log = new CcLogBytes().event(1, "firmware").event(4, "a zero behind\0");
        for (int fill : List.of(0x00, 0xff)) {
            CcEventLog filled = CcEventLog.parse(log.filled(fill));
            assertThat(filled.rtmr(0)).isEqualTo(CcEventLog.parse(log.encoded()).rtmr(0));
            assertThat(filled.rtmr(3)).isEqualTo(CcLogBytes.extended(ZERO, "a zero behind\0"));
            byte[] area = log.filled(fill);
            area[area.length - 1] ^= 1;
            assertThatThrownBy(() -> CcEventLog.parse(area)).isInstanceOf(TdxFormatException.class);
        }
    }

    @Test
    void refusesRegistersThatATrustDomainDoesNotHave() {
        for (int register : List.of(0, 5, 23)) {
            byte[] log = new CcLogBytes().event(register, "x").encoded();
            assertThatThrownBy(() -> CcEventLog.parse(log)).isInstanceOf(TdxFormatException.class);
        }
    }

    @Test
    void refusesEveryTruncationInsideAnEvent() {
        int last = LOG.length - new CcLogBytes().event(1, "variables").encoded().length;
        int header = new CcLogBytes().encoded().length;
        for (int length = last + header + 1; length < LOG.length; length++) {
            byte[] truncated = Arrays.copyOf(LOG, length);
            assertThatThrownBy(() -> CcEventLog.parse(truncated))
                    .isInstanceOf(TdxFormatException.class);
        }
    }
}
