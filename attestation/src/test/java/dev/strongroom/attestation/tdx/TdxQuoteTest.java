package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A quote has one layout; everything beside it is refused, and refused only. */
class TdxQuoteTest {
    private static final int SIGNATURE_SIZE = 48 + 6 + TdReport.BYTES_1_5;
    private static final int SIGNATURE_DATA = SIGNATURE_SIZE + 4;
    private static final int CERTIFICATION = SIGNATURE_DATA + 64 + 64 + 6;
    private static final int AUTHENTICATION_SIZE = CERTIFICATION + 384 + 64;
    private static final byte[] QUOTE = new SoftwarePlatform(5).quote();

    @Test
    void readsEveryFieldFromItsPlace() throws Exception {
        var platform = new SoftwarePlatform(5);
        for (int i = 16; i < platform.report.length; i++) {
            platform.report[i] = (byte) (i / 8);
        }
        TdReport report = TdxQuote.parse(platform.quote()).report();
        assertThat(report.mrSeam()).isEqualTo(slice(platform.report, 16, 48));
        assertThat(report.mrSignerSeam()).isEqualTo(slice(platform.report, 64, 48));
        assertThat(report.seamAttributes()).isEqualTo(slice(platform.report, 112, 8));
        assertThat(report.tdAttributes().bits()).isEqualTo(0x0f0f0f0f0f0f0f0fL);
        assertThat(report.xfam().bits()).isEqualTo(0x1010101010101010L);
        assertThat(report.mrTd()).isEqualTo(slice(platform.report, 136, 48));
        assertThat(report.mrConfigId()).isEqualTo(slice(platform.report, 184, 48));
        assertThat(report.hostData()).isEqualTo(slice(platform.report, 184, 32));
        assertThat(report.mrOwner()).isEqualTo(slice(platform.report, 232, 48));
        assertThat(report.mrOwnerConfig()).isEqualTo(slice(platform.report, 280, 48));
        for (int i = 0; i < TdReport.RTMRS; i++) {
            assertThat(report.rtmr(i)).isEqualTo(slice(platform.report, 328 + 48 * i, 48));
        }
        assertThat(report.reportData()).isEqualTo(slice(platform.report, 520, 64));
        assertThat(report.currentTeeTcbSvn().orElseThrow().components())
                .isEqualTo(slice(platform.report, 584, 16));
        assertThat(report.mrServiceTd()).contains(slice(platform.report, 600, 48));
    }

    @ParameterizedTest
    @CsvSource({
        "0,3,version",
        "0,6,version",
        "2,3,attestation key type",
        "4,0,TEE type",
        "12,0,QE vendor",
        "48,1,body type",
        "48,4,body type",
        "50,72,body size"
    })
    void refusesOtherKinds(int offset, int value, String field) {
        byte[] quote = QUOTE.clone();
        quote[offset] = (byte) value;
        assertRefused(quote, field);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void refusesSizesThatAreNotWhatTheyHold(int offset, int size) {
        byte[] quote = QUOTE.clone();
        var fields = ByteBuffer.wrap(quote).order(ByteOrder.LITTLE_ENDIAN);
        long actual =
                size == 2 ? Short.toUnsignedLong(fields.getShort(offset)) : fields.getInt(offset);
        for (long wrong : new long[] {0, actual - 1, actual + 1, 0xffff, 0x7fffffff, 0xffffffffL}) {
            if (size == 2) {
                fields.putShort(offset, (short) wrong);
            } else {
                fields.putInt(offset, (int) wrong);
            }
            if (wrong != actual) {
                assertRefused(quote, "");
            }
        }
    }

    static Stream<Arguments> sizes() {
        return Stream.of(
                arguments(SIGNATURE_SIZE, 4),
                arguments(SIGNATURE_DATA + 64 + 64 + 2, 4),
                arguments(AUTHENTICATION_SIZE, 2),
                arguments(AUTHENTICATION_SIZE + 2 + 16 + 2, 4));
    }

    @Test
    void refusesEveryTruncation() {
        for (int length = 0; length < QUOTE.length; length++) {
            byte[] truncated = Arrays.copyOf(QUOTE, length);
            assertThatThrownBy(() -> TdxQuote.parse(truncated))
                    .isInstanceOf(TdxFormatException.class);
        }
    }

    @Test
    void acceptsZerosBehindTheQuoteAndNothingElse() throws Exception {
        byte[] padded = Arrays.copyOf(QUOTE, QUOTE.length + 4096);
        assertThat(TdxQuote.parse(padded).signedBytes())
                .isEqualTo(TdxQuote.parse(QUOTE).signedBytes());
        padded[QUOTE.length] = 1;
        assertRefused(padded, "quote");
    }

    @Test
    void refusesALargeDocumentUnread() {
        assertRefused(new byte[TdxQuote.MAX_BYTES + 1], "quote: at most");
    }

    @Test
    void refusesAnotherCertificationThanAChain() {
        byte[] quote = QUOTE.clone();
        quote[AUTHENTICATION_SIZE + 2 + 16] = 3;
        assertRefused(quote, "PCK data type");
        quote = QUOTE.clone();
        quote[SIGNATURE_DATA + 128] = 5;
        assertRefused(quote, "certification data type");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void refusesAChainOfAnotherLength(int length) {
        var platform = new SoftwarePlatform(4);
        platform.chain =
                Optional.of(
                        IntStream.range(0, length).mapToObj(i -> platform.leaf.encoded()).toList());
        assertRefused(platform.quote(), "certificate");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nx",
                "-----BEGIN CERTIFICATE-----\nAAAA\n",
                "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAB=\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nA AA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n"
            })
    void readsPemInOneSpellingOnly(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> Pem.certificates(bytes, 3)).isInstanceOf(TdxFormatException.class);
    }

    @Test
    void readsPemWithEitherLineEnd() throws Exception {
        String text = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";
        for (String each : List.of(text, text.replace("\n", "\r\n"), text + "\0\0", text.strip())) {
            byte[] bytes = each.getBytes(StandardCharsets.US_ASCII);
            assertThat(Pem.certificates(bytes, 1)).containsExactly(new byte[] {0, 1, 2});
        }
    }

    @Property
    void throwsNothingElseOnArbitraryBytes(@ForAll byte[] bytes) {
        try {
            TdxQuote.parse(bytes);
        } catch (TdxFormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Test
    void namesWhatMakesADomainUnfit() throws Exception {
        assertThat(LaunchRules.refusal(TdxQuote.parse(QUOTE).report())).isEmpty();
        assertUnfit("tdx.attributes.debug", 0x078, "01");
        assertUnfit("tdx.attributes.debug", 0x078, "80");
        assertUnfit("tdx.attributes.migratable", 0x07b, "20");
        assertUnfit("tdx.attributes.unknown", 0x079, "01");
        assertUnfit("tdx.attributes.unknown", 0x07c, "01");
        assertUnfit("tdx.xfam.unknown", 0x080, "02");
        assertUnfit("tdx.xfam.unknown", 0x084, "01");
        assertUnfit("tdx.mrconfigid", 0x0b8 + 32, "01");
        assertUnfit("tdx.mrconfigid", 0x0b8 + 47, "01");
    }

    private static void assertUnfit(String rule, int offset, String hex) throws TdxFormatException {
        var platform = new SoftwarePlatform(5);
        platform.report[offset] = HexFormat.of().parseHex(hex)[0];
        assertThat(LaunchRules.refusal(TdxQuote.parse(platform.quote()).report()))
                .hasValueSatisfying(refused -> assertThat(refused.rule()).isEqualTo(rule));
    }

    private static void assertRefused(byte[] quote, String field) {
        assertThatThrownBy(() -> TdxQuote.parse(quote))
                .isInstanceOf(TdxFormatException.class)
                .hasMessageContaining(field);
    }

    private static byte[] slice(byte[] bytes, int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }
}
