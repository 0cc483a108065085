package dev.strongroom.attestation.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a policy must pin: all that tells what was launched, and Intel's last recovery. */
class IdentityTest {
    private static final String MRTD = eq("tdx.mrtd");
    private static final String RTMR1 = eq("tdx.rtmr1");
    private static final String RTMR2 = eq("tdx.rtmr2");
    private static final String SNP = eq("snp.measurement");

    @Test
    void takesFirmwareLoaderAndKernelTogether() throws PolicyFormatException {
        assertThat(parse(all(MRTD, RTMR1, RTMR2)).named())
                .containsExactly("tdx.mrtd", "tdx.rtmr1", "tdx.rtmr2");
        parse(any(SNP, all(MRTD, RTMR1, RTMR2)));
        parse(all(MRTD, any(all(RTMR1, RTMR2), all(RTMR2, RTMR1))));
    }

    @Test
    void refusesFirmwareAlone() {
        assertRefused(MRTD);
        assertRefused(all(RTMR1, RTMR2));
        assertRefused(all(MRTD, RTMR1, "{\"claim\":\"tdx.rtmr2\",\"op\":\"any\"}"));
        assertRefused(all(MRTD, RTMR2, "{\"claim\":\"tdx.rtmr1\",\"op\":\"any\"}"));
        assertRefused(any(all(MRTD, RTMR1, RTMR2), all(MRTD, RTMR1)));
        assertRefused(all(MRTD, any(RTMR1, RTMR2)));
    }

    @Test
    void refusesCollateralFromBeforeAnyRecovery() throws PolicyFormatException {
        String recovery = "{\"claim\":\"tdx.tcb.evaluation-number\",\"op\":%s}";
        parse(all(SNP, recovery.formatted("\"ge\",\"value\":18")));
        parse(all(SNP, recovery.formatted("\"in\",\"value\":[18,19]")));
        for (String open :
                new String[] {"\"any\"", "\"ge\",\"value\":0", "\"notIn\",\"value\":[17]"}) {
            assertThatThrownBy(() -> parse(all(SNP, recovery.formatted(open))))
                    .isInstanceOf(PolicyFormatException.class)
                    .hasMessageContaining("TCB recovery");
        }
    }

    private static String eq(String claim) {
        return "{\"claim\":\"%s\",\"op\":\"eq\",\"value\":\"ab\"}".formatted(claim);
    }

    private static String all(String... parts) {
        return "{\"allOf\":[" + String.join(",", parts) + "]}";
    }

    private static String any(String... parts) {
        return "{\"anyOf\":[" + String.join(",", parts) + "]}";
    }

    private static void assertRefused(String demand) {
        assertThatThrownBy(() -> parse(demand))
                .isInstanceOf(PolicyFormatException.class)
                .hasMessageContaining("tdx.rtmr2");
    }

    private static ReleasePolicy parse(String demand) throws PolicyFormatException {
        return ReleasePolicy.parse(
                "{\"version\":1,\"minPosture\":\"base\",\"require\":%s}"
                        .formatted(demand)
                        .getBytes(StandardCharsets.UTF_8));
    }
}
