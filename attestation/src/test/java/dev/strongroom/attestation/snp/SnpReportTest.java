package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnpReportTest {
    /** First and last byte of everything a report may fill, in the order of the layout. */
    private static final int[][] DEFINED = {
        {0x000, 0x04B},
        {0x050, 0x187},
        {0x1A0, 0x1EA},
        {0x1EC, 0x1EE},
        {0x1F0, 0x1F7},
        {0x2A0, 0x2CF},
        {0x2E8, 0x317}
    };

    private static final int[] CPUID = {0x188, 0x18A};
    private static final int[] MITIGATIONS = {0x1F8, 0x207};

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void refusesAnythingInEveryReservedByte(int version) {
        for (int offset = 0x4C; offset < SnpReport.BYTES; offset++) {
            byte[] report = report(version);
            report[offset] = 1;
            boolean defined = isDefined(offset, version);
            assertThat(parses(report))
                    .as("version %d byte 0x%03x", version, offset)
                    .isEqualTo(defined);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 99, -1})
    void refusesUnknownVersions(int version) {
        assertThatThrownBy(() -> SnpReport.parse(report(version)))
                .isInstanceOf(SnpFormatException.class)
                .hasMessageStartingWith("version: expected 2 to 5");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1183, 1185, 4096})
    void refusesOtherLengths(int length) {
        assertThatThrownBy(() -> SnpReport.parse(new byte[length]))
                .isInstanceOf(SnpFormatException.class)
                .hasMessage("report: expected 1184 bytes, got " + length);
    }

    @Test
    void refusesAnotherSignatureAlgorithm() {
        byte[] report = report(5);
        report[0x34] = 2;
        assertThat(parses(report)).isFalse();
    }

    @Test
    void refusesPrivilegeLevelsThatDoNotExist() {
        for (int vmpl : new int[] {4, 255, -1}) {
            byte[] report = patched(0x30, vmpl);
            assertThat(parses(report)).as("vmpl %d", vmpl).isFalse();
        }
        assertThat(parses(patched(0x30, 3))).isTrue();
    }

    @Test
    void refusesReservedPolicyBits() {
        assertThat(parses(policy(0))).as("bit 17 clear").isFalse();
        for (int bit = 0; bit < 64; bit++) {
            byte[] report = policy(GuestPolicy.MUST_BE_ONE | 1L << bit);
            assertThat(parses(report)).as("bit %d", bit).isEqualTo(bit < 26);
        }
    }

    @Test
    void refusesReservedKeyInformation() {
        for (int keyInfo = 0; keyInfo < 64; keyInfo++) {
            int signingKey = keyInfo >>> 2;
            assertThat(parses(patched(0x48, keyInfo)))
                    .as("key info %d", keyInfo)
                    .isEqualTo(signingKey == 0 || signingKey == 1 || signingKey == 7);
        }
    }

    @Test
    void readsTheFieldsWhereTheyAre() throws SnpFormatException {
        byte[] report = report(5);
        for (int offset = 0x50; offset < 0x188; offset++) {
            report[offset] = (byte) offset;
        }
        report[0x188] = 0x1A;
        report[0x189] = 0x11;
        report[0x1E8] = 43;
        report[0x1E9] = 55;
        report[0x1EA] = 1;
        report[0x1F8] = 7;
        report[0x48] = (byte) (1 << 2 | 1);
        SnpReport parsed = SnpReport.parse(report);

        assertThat(parsed.reportData()).hasSize(64).startsWith(0x50).endsWith(0x8F);
        assertThat(parsed.measurement()).hasSize(48).startsWith(0x90).endsWith(0xBF);
        assertThat(parsed.hostData()).hasSize(32).startsWith(0xC0).endsWith(0xDF);
        assertThat(parsed.idKeyDigest()).hasSize(48).startsWith(0xE0).endsWith(0x0F);
        assertThat(parsed.authorKeyDigest()).hasSize(48).startsWith(0x10).endsWith(0x3F);
        assertThat(parsed.cpuid()).contains(new SnpReport.Cpuid(0x1A, 0x11, 0));
        assertThat(parsed.currentFirmware()).isEqualTo(new SnpReport.Firmware(1, 55, 43));
        assertThat(parsed.launchMitigations()).hasValue(7);
        assertThat(parsed.signingKey()).isEqualTo(SnpReport.SigningKey.VLEK);
        assertThat(parsed.authorKeyEnabled()).isTrue();
        assertThat(parsed.chipKeyMasked()).isFalse();
    }

    @Test
    void readsTheSignatureAsBigEndianNumbers() throws SnpFormatException {
        byte[] report = report(5);
        report[0x2A0] = 1; // least significant byte of r
        report[0x2E8 + 47] = 2; // most significant byte of s
        byte[] signature = SnpReport.parse(report).signature();
        assertThat(signature).hasSize(96);
        assertThat(signature[47]).isEqualTo((byte) 1);
        assertThat(signature[48]).isEqualTo((byte) 2);
    }

    @Test
    void readsTheFirmwareVersionsOfEachLine() {
        long raw = 0x0807060504030201L;
        assertThat(TcbVersion.of(raw, ProductLine.GENOA))
                .isEqualTo(new TcbVersion(OptionalInt.empty(), 1, 2, 7, 8));
        assertThat(TcbVersion.of(raw, ProductLine.TURIN))
                .isEqualTo(new TcbVersion(OptionalInt.of(1), 2, 3, 4, 8));
    }

    @Test
    void knowsTheProductLinesByCpuid() {
        assertThat(ProductLine.ofCpuid(0x19, 0x01)).contains(ProductLine.MILAN);
        assertThat(ProductLine.ofCpuid(0x19, 0x11)).contains(ProductLine.GENOA);
        assertThat(ProductLine.ofCpuid(0x19, 0xA0)).contains(ProductLine.GENOA);
        assertThat(ProductLine.ofCpuid(0x19, 0xAF)).contains(ProductLine.GENOA);
        assertThat(ProductLine.ofCpuid(0x1A, 0x11)).contains(ProductLine.TURIN);
        assertThat(ProductLine.ofCpuid(0x19, 0x20)).isEmpty();
        assertThat(ProductLine.ofCpuid(0x19, 0xB0)).isEmpty();
        assertThat(ProductLine.ofCpuid(0x1A, 0x12)).isEmpty();
        assertThat(ProductLine.ofCpuid(0x17, 0x01)).isEmpty();
    }

    @Property
    void throwsNothingElseOnArbitraryBytes(@ForAll @Size(SnpReport.BYTES) byte[] bytes) {
        parses(bytes);
    }

    private static boolean isDefined(int offset, int version) {
        for (int[] range : DEFINED) {
            if (offset >= range[0] && offset <= range[1]) {
                return true;
            }
        }
        return (version >= 3 && offset >= CPUID[0] && offset <= CPUID[1])
                || (version >= 5 && offset >= MITIGATIONS[0] && offset <= MITIGATIONS[1]);
    }

    private static byte[] report(int version) {
        var report = ByteBuffer.allocate(SnpReport.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        report.putInt(0x00, version);
        report.putLong(0x08, GuestPolicy.MUST_BE_ONE);
        report.putInt(0x34, 1);
        return report.array();
    }

    private static byte[] patched(int offset, int value) {
        byte[] report = report(5);
        ByteBuffer.wrap(report).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return report;
    }

    private static byte[] policy(long bits) {
        byte[] report = report(5);
        ByteBuffer.wrap(report).order(ByteOrder.LITTLE_ENDIAN).putLong(0x08, bits);
        return report;
    }

    private static boolean parses(byte[] report) {
        try {
            SnpReport.parse(report);
            return true;
        } catch (SnpFormatException e) {
            return false;
        }
    }
}
