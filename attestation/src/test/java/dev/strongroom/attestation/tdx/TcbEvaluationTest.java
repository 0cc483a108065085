package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Intel's rules for what a platform's security versions amount to. */
class TcbEvaluationTest {
    private static final int VERSION_OFFSET = 0x001;
    private static final int CURRENT = 0x248;

    static IntStream components() {
        return IntStream.range(0, PckExtension.COMPONENTS);
    }

    @ParameterizedTest
    @MethodSource("components")
    void countsEachComponentOfTheProcessor(int index) {
        var platform = new SoftwarePlatform(5);
        int[] components = SoftwarePlatform.components();
        components[index]--;
        certify(platform, components, SoftwarePlatform.PCE_SVN);
        assertStatus(platform, TcbStatus.OUT_OF_DATE);
        components[index] = 2;
        platform = new SoftwarePlatform(5);
        certify(platform, components, SoftwarePlatform.PCE_SVN);
        TdxVerifierTest.assertRule(platform.verify(), "tdx.tcb.no-match");
    }

    @Test
    void countsTheProvisioningEnclave() {
        var platform = new SoftwarePlatform(5);
        certify(platform, SoftwarePlatform.components(), SoftwarePlatform.PCE_SVN - 1);
        assertStatus(platform, TcbStatus.OUT_OF_DATE);
        platform = new SoftwarePlatform(5);
        certify(platform, SoftwarePlatform.components(), 4);
        TdxVerifierTest.assertRule(platform.verify(), "tdx.tcb.no-match");
    }

    @ParameterizedTest
    @MethodSource("components")
    void countsEachComponentOfTdxButTheModulesOwn(int index) {
        var platform = new SoftwarePlatform(4);
        if (index != 1) {
            platform.report[index]--;
        }
        assertStatus(platform, index < 2 ? TcbStatus.UP_TO_DATE : TcbStatus.OUT_OF_DATE);
    }

    @Test
    void countsTheModuleAmongTheComponentsWhereItHasNoVersion() {
        var platform = new SoftwarePlatform(4);
        platform.report[VERSION_OFFSET] = 0;
        assertStatus(platform, TcbStatus.OUT_OF_DATE); // the newer level wants component 1 at 7
        platform = new SoftwarePlatform(4);
        platform.report[VERSION_OFFSET] = 0;
        platform.tcbInfo =
                platform.tcbInfo.replace(
                        TestCollateral.level(7, 11, 7, "UpToDate", "2025-01-02"),
                        TestCollateral.level(7, 11, 0, "UpToDate", "2025-01-02"));
        assertStatus(platform, TcbStatus.UP_TO_DATE);
    }

    @ParameterizedTest
    @CsvSource({"6,UP_TO_DATE", "5,OUT_OF_DATE", "2,OUT_OF_DATE", "255,UP_TO_DATE"})
    void ratesTheModule(int svn, TcbStatus expected) {
        var platform = new SoftwarePlatform(4);
        platform.report[0] = (byte) svn;
        assertStatus(platform, expected);
    }

    @Test
    void refusesAModuleBelowAllLevels() {
        var platform = new SoftwarePlatform(4);
        platform.report[0] = 1;
        TdxVerifierTest.assertRule(platform.verify(), "tdx.tcb.no-match");
    }

    @Test
    void namesTheModuleByItsVersionInHex() {
        var platform = new SoftwarePlatform(4);
        platform.report[VERSION_OFFSET] = (byte) 0xab;
        platform.tcbInfo = platform.tcbInfo.replace("TDX_01", "TDX_aB");
        assertStatus(platform, TcbStatus.UP_TO_DATE);
    }

    @ParameterizedTest
    @CsvSource({"6,UP_TO_DATE", "5,OUT_OF_DATE", "4,OUT_OF_DATE"})
    void ratesTheQuotingEnclave(int svn, TcbStatus expected) {
        var platform = new SoftwarePlatform(4);
        platform.enclave[258] = (byte) svn;
        assertStatus(platform, expected);
    }

    @Test
    void refusesAQuotingEnclaveBelowAllLevels() {
        var platform = new SoftwarePlatform(4);
        platform.enclave[258] = 3;
        TdxVerifierTest.assertRule(platform.verify(), "tdx.tcb.no-match");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-01-01", "2025-01-02", "2025-01-03"})
    void refusesWhatIsRevoked(String part) {
        var platform = new SoftwarePlatform(4);
        String from = part + "T00:00:00Z\",\"tcbStatus\":\"UpToDate";
        String to = part + "T00:00:00Z\",\"tcbStatus\":\"Revoked";
        platform.tcbInfo = platform.tcbInfo.replace(from, to);
        platform.qeIdentity = platform.qeIdentity.replace(from, to);
        TdxVerifierTest.assertRule(platform.verify(), "tdx.tcb.revoked");
    }

    @Test
    void collectsAdvisoriesAndTheOldestDate() {
        var platform = new SoftwarePlatform(4);
        platform.report[0] = 5; // module
        platform.report[2] = 6; // platform
        platform.enclave[258] = 5;
        TcbAssessment tcb = assess(platform);
        assertThat(tcb.advisories())
                .containsExactly(
                        "INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00003", "INTEL-SA-00004");
        assertThat(tcb.tcbDate()).isEqualTo("2023-01-01T00:00:00Z");
    }

    @Test
    void advisesToRelaunchWhatWasUpdatedSince() {
        var platform = new SoftwarePlatform(5);
        platform.report[0] = 5;
        TcbAssessment tcb = assess(platform);
        assertThat(tcb.launch()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tcb.current()).isEqualTo(TcbStatus.UP_TO_DATE);
        assertThat(tcb.status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tcb.relaunchAdvised()).isTrue();
    }

    @Test
    void doesNotAdviseToRelaunchUnderWhatIsStillOutOfDate() {
        var platform = new SoftwarePlatform(5);
        platform.report[0] = 4;
        platform.report[CURRENT] = 5;
        TcbAssessment tcb = assess(platform);
        assertThat(tcb.current()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tcb.relaunchAdvised()).isFalse();
    }

    @Test
    void ratesWhatRunsNowAtItsWorst() {
        var platform = new SoftwarePlatform(5);
        platform.report[CURRENT] = 5;
        TcbAssessment tcb = assess(platform);
        assertThat(tcb.launch()).isEqualTo(TcbStatus.UP_TO_DATE);
        assertThat(tcb.status()).isEqualTo(TcbStatus.OUT_OF_DATE);
    }

    @Test
    void refusesAnUnknownModuleThatRunsNow() {
        var platform = new SoftwarePlatform(5);
        platform.report[CURRENT + 1] = 9;
        TdxVerifierTest.assertRule(platform.verify(), "tdx.tcb.no-match");
    }

    @ParameterizedTest
    @CsvSource({
        "UP_TO_DATE,OUT_OF_DATE,OUT_OF_DATE",
        "SW_HARDENING_NEEDED,OUT_OF_DATE,OUT_OF_DATE",
        "CONFIGURATION_NEEDED,OUT_OF_DATE,OUT_OF_DATE_CONFIGURATION_NEEDED",
        "CONFIGURATION_AND_SW_HARDENING_NEEDED,OUT_OF_DATE,OUT_OF_DATE_CONFIGURATION_NEEDED",
        "OUT_OF_DATE_CONFIGURATION_NEEDED,OUT_OF_DATE,OUT_OF_DATE_CONFIGURATION_NEEDED",
        "SW_HARDENING_NEEDED,UP_TO_DATE,SW_HARDENING_NEEDED",
        "CONFIGURATION_NEEDED,SW_HARDENING_NEEDED,CONFIGURATION_AND_SW_HARDENING_NEEDED",
        "OUT_OF_DATE,CONFIGURATION_NEEDED,OUT_OF_DATE_CONFIGURATION_NEEDED",
        "UP_TO_DATE,REVOKED,REVOKED",
        "OUT_OF_DATE,REVOKED,REVOKED",
        "UP_TO_DATE,UP_TO_DATE,UP_TO_DATE"
    })
    void convergesToTheWorst(TcbStatus one, TcbStatus other, TcbStatus both) {
        assertThat(one.and(other)).isEqualTo(both);
        assertThat(other.and(one)).isEqualTo(both);
    }

    @Test
    void neverConvergesToAnythingMilder() {
        for (TcbStatus one : TcbStatus.values()) {
            assertThat(one.and(one)).isEqualTo(one);
            for (TcbStatus other : TcbStatus.values()) {
                assertThat(one.and(other).and(other)).isEqualTo(one.and(other));
                assertThat(one.and(other).isOutOfDate() || one.and(other) == TcbStatus.REVOKED)
                        .isEqualTo(
                                Arrays.asList(one, other).stream()
                                        .anyMatch(each ->
                                                each.isOutOfDate() || each == TcbStatus.REVOKED));
            }
        }
    }

    private static void certify(SoftwarePlatform platform, int[] components, int pceSvn) {
        platform.leaf.extensions.put(PckExtension.OID, PckBytes.of(components, pceSvn));
    }

    private static void assertStatus(SoftwarePlatform platform, TcbStatus expected) {
        TcbAssessment tcb = assess(platform);
        assertThat(tcb.launch()).isEqualTo(expected);
        assertThat(tcb.status()).isEqualTo(expected);
        assertThat(tcb.relaunchAdvised()).isFalse();
    }

    private static TcbAssessment assess(SoftwarePlatform platform) {
        TdxVerdict verdict = platform.verify();
        assertThat(verdict).isInstanceOf(TdxVerdict.Authentic.class);
        return ((TdxVerdict.Authentic) verdict).tcb();
    }
}
