package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.tpm.SoftwareTpm.Register;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log is believed as far as its replay gives quoted registers, and no further. */
class EventLogTest {
    private static final SoftwareTpm TPM = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final byte[] NOTHING = {};
    static final int SEPARATOR = 0x00000004;

    @Test
    void replaysEachBank() throws TpmFormatException {
        byte[] one = data("one");
        byte[] two = data("two");
        EventLog log = EventLog.parse(log(event(4, 1, one), event(4, 1, two)));
        for (HashAlgorithm bank : List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256)) {
            byte[] first = bank.digest(new byte[bank.bytes()], bank.digest(one));
            assertThat(log.replay(bank)).containsOnlyKeys(4);
            assertThat(log.replay(bank).get(4)).isEqualTo(bank.digest(first, bank.digest(two)));
        }
    }

    @Test
    void startsRegisterZeroWithTheLocalityAndDynamicOnesWithOnes() throws TpmFormatException {
        byte[] locality = concat(data("StartupLocality\0"), new byte[] {3});
        EventLog log =
                EventLog.parse(
                        log(
                                event(0, LogEvent.EV_NO_ACTION, locality),
                                event(0, 1, data("crtm")),
                                event(17, 1, data("drtm"))));
        byte[] zero = new byte[32];
        zero[31] = 3;
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xff);
        HashAlgorithm bank = HashAlgorithm.SHA256;
        assertThat(log.replay(bank).get(0)).isEqualTo(bank.digest(zero, bank.digest(data("crtm"))));
        assertThat(log.replay(bank).get(17))
                .isEqualTo(bank.digest(ones, bank.digest(data("drtm"))));
    }

    @Test
    void saysWhichRegistersItLeadsTo() throws TpmFormatException {
        byte[] log = log(event(4, 1, data("loader")), event(11, 1, data("kernel")));
        Register extendedLater = new Register(HashAlgorithm.SHA256, 11, new byte[32]);
        assertThat(verify(log, register(log, 4), extendedLater))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims())
                                        .containsEntry("tpm.log.sha256.4", "true")
                                        .containsEntry("tpm.log.sha256.11", "false"));
    }

    @Test
    void refusesALogThatDoesNotLeadToAFirmwareRegister() throws TpmFormatException {
        byte[] log = log(event(4, 1, data("loader")));
        TpmVerifierTest.assertRule(
                verify(log, new Register(HashAlgorithm.SHA256, 4, new byte[32])), "tpm.event-log");
    }

    @Test
    void refusesALogWithoutRegisterValues() throws TpmFormatException {
        byte[] log = log(event(4, 1, data("loader")));
        byte[] quote = TPM.quote(NOTHING, register(log, 4));
        TpmVerifierTest.assertRule(
                TpmVerifierTest.verify(
                        TPM, new TpmEvidence(quote, TPM.sign(quote), NOTHING, NOTHING, log)),
                "tpm.event-log");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void tellsSecureBoot(int value) throws TpmFormatException {
        byte[] log =
                log(
                        event(7, LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG, secureBoot(value)),
                        event(7, SEPARATOR, new byte[4]));
        assertSecureBoot(log, value == 1 ? "true" : "false");
    }

    @Test
    void tellsNoSecureBootTwice() throws TpmFormatException {
        int type = LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG;
        assertNoSecureBoot(log(event(7, type, secureBoot(0)), event(7, type, secureBoot(1))));
    }

    @Test
    void tellsNoSecureBootAfterTheSeparator() throws TpmFormatException {
        assertNoSecureBoot(
                log(
                        event(7, SEPARATOR, new byte[4]),
                        event(7, LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG, secureBoot(1))));
    }

    /** Root extends register 7 once more and hides by types what firmware measured before. */
    @Test
    void tellsNoSecureBootThatWasExtendedAfterBoot() throws TpmFormatException {
        int variable = LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG;
        for (int type : List.of(0x0D, variable, SEPARATOR)) {
            byte[] log =
                    log(
                            event(7, type, secureBoot(0)),
                            event(7, 0x0D, new byte[4]),
                            event(7, variable, secureBoot(1)));
            assertThat(secureBootOf(log)).isNotEqualTo("true");
        }
    }

    @Test
    void tellsNoSecureBootThatIsNotTheFirstMeasurement() throws TpmFormatException {
        int variable = LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG;
        for (byte[] first : List.of(data("UEFI Debug Mode"), new byte[0], secureBoot(0))) {
            assertNoSecureBoot(log(event(7, 0x0D, first), event(7, variable, secureBoot(1))));
        }
    }

    @Test
    void endsFirmwaresPartByTheSeparatorsDigest() throws TpmFormatException {
        int variable = LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG;
        assertSecureBoot(
                log(
                        event(0, SEPARATOR, new byte[4]),
                        event(7, LogEvent.EV_NO_ACTION, data("no measurement")),
                        event(7, variable, secureBoot(0)),
                        event(7, 0x0D, new byte[4]),
                        event(7, variable, secureBoot(1))),
                "false");
    }

    @Test
    void tellsNoSecureBootThatItsDigestIsNotOf() throws TpmFormatException {
        assertNoSecureBoot(
                log(
                        event(
                                7,
                                LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG,
                                secureBoot(1),
                                secureBoot(0))));
    }

    @Test
    void refusesEveryTruncationAndATail() throws TpmFormatException {
        byte[] log = log(event(7, LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG, secureBoot(1)));
        int header = log().length;
        EventLog.parse(log);
        for (int length = 0; length < log.length; length++) {
            byte[] cut = Arrays.copyOf(log, length);
            if (length != header) {
                assertThatThrownBy(() -> EventLog.parse(cut))
                        .isInstanceOf(TpmFormatException.class);
            }
        }
        assertThatThrownBy(() -> EventLog.parse(concat(log, new byte[1])))
                .isInstanceOf(TpmFormatException.class);
    }

    @Test
    void refusesHugeCountsAndSizesBeforeAllocating() {
        byte[] events = Structure.littleEndian().u32(0).u32(1).u32(-1).toByteArray();
        byte[] data = Structure.littleEndian().u32(0).u32(1).u32(0).u32(-1).toByteArray();
        byte[] algorithms = header(Structure.littleEndian().u32(0x10000).toByteArray());
        assertMalformed(concat(log(), events));
        assertMalformed(concat(log(), data));
        assertMalformed(algorithms);
        assertMalformed(new byte[EventLog.MAX_BYTES + 1]);
    }

    @Test
    void refusesUnknownRepeatedAndMissizedAlgorithms() {
        var unknown = Structure.littleEndian().u32(4).u32(1).u32(1).u16(0x12).bytes(new byte[32]);
        assertMalformed(concat(log(), unknown.u32(0).toByteArray()));
        var twice = Structure.littleEndian().u32(4).u32(1).u32(2);
        for (int i = 0; i < 2; i++) {
            twice.u16(0x0B).bytes(new byte[32]);
        }
        assertMalformed(concat(log(), twice.u32(0).toByteArray()));
        assertMalformed(
                header(Structure.littleEndian().u32(1).u16(0x0B).u16(20).u8(0).toByteArray()));
    }

    @Test
    void refusesARegisterBeyondTheLast() {
        assertMalformed(log(event(24, 1, data("x"))));
    }

    private static void assertMalformed(byte[] log) {
        assertThatThrownBy(() -> EventLog.parse(log)).isInstanceOf(TpmFormatException.class);
    }

    private static void assertSecureBoot(byte[] log, String expected) throws TpmFormatException {
        assertThat(verify(log, register(log, 7)))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims())
                                        .containsEntry("tpm.secure-boot", expected));
    }

    private static String secureBootOf(byte[] log) throws TpmFormatException {
        var verdict = (TpmVerdict.Authentic) verify(log, register(log, 7));
        return verdict.claims().getOrDefault("tpm.secure-boot", "");
    }

    private static void assertNoSecureBoot(byte[] log) throws TpmFormatException {
        assertThat(verify(log, register(log, 7)))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims())
                                        .doesNotContainKey("tpm.secure-boot"));
    }

    private static TpmVerdict verify(byte[] log, Register... registers) {
        TpmEvidence evidence = TPM.evidence(registers);
        return TpmVerifierTest.verify(
                TPM,
                new TpmEvidence(
                        evidence.quote(),
                        evidence.signature(),
                        NOTHING,
                        evidence.registers(),
                        log));
    }

    private static Register register(byte[] log, int pcr) throws TpmFormatException {
        HashAlgorithm bank = HashAlgorithm.SHA256;
        byte[] value = Objects.requireNonNull(EventLog.parse(log).replay(bank).get(pcr));
        return new Register(bank, pcr, value);
    }

    /** A log of SHA-1 and SHA-256 with these events. */
    static byte[] log(byte[]... events) {
        byte[] algorithms =
                Structure.littleEndian()
                        .u32(2)
                        .u16(0x04)
                        .u16(20)
                        .u16(0x0B)
                        .u16(32)
                        .u8(0)
                        .toByteArray();
        return concat(header(algorithms), concat(events));
    }

    private static byte[] header(byte[] algorithms) {
        byte[] format =
                Structure.littleEndian()
                        .bytes(data("Spec ID Event03\0"))
                        .u32(0)
                        .bytes(new byte[] {0, 2, 105, 2})
                        .bytes(algorithms)
                        .toByteArray();
        return Structure.littleEndian()
                .u32(0)
                .u32(LogEvent.EV_NO_ACTION)
                .bytes(new byte[20])
                .u32(format.length)
                .bytes(format)
                .toByteArray();
    }

    static byte[] event(int pcr, int type, byte[] data) {
        return event(pcr, type, data, data);
    }

    private static byte[] event(int pcr, int type, byte[] data, byte[] measured) {
        return Structure.littleEndian()
                .u32(pcr)
                .u32(type)
                .u32(2)
                .u16(0x04)
                .bytes(HashAlgorithm.SHA1.digest(measured))
                .u16(0x0B)
                .bytes(HashAlgorithm.SHA256.digest(measured))
                .u32(data.length)
                .bytes(data)
                .toByteArray();
    }

    static byte[] secureBoot(int value) {
        byte[] name = "SecureBoot".getBytes(StandardCharsets.UTF_16LE);
        return Structure.littleEndian()
                .bytes(HexFormat.of().parseHex("61dfe48bca93d211aa0d00e098032b8c"))
                .u64(name.length / 2)
                .u64(1)
                .bytes(name)
                .u8(value)
                .toByteArray();
    }

    private static byte[] data(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[]... parts) {
        var out = Structure.littleEndian();
        for (byte[] part : parts) {
            out.bytes(part);
        }
        return out.toByteArray();
    }
}
