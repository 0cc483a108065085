package dev.strongroom.attestation.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.cbor.CborReader.Lengths;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Most examples are from RFC 8949, appendices A and F. */
class CborReaderTest {
    static Stream<Arguments> numbersAndNames() {
        return Stream.of(
                Arguments.of("00", new Cbor.Unsigned(0)),
                Arguments.of("17", new Cbor.Unsigned(23)),
                Arguments.of("1818", new Cbor.Unsigned(24)),
                Arguments.of("18ff", new Cbor.Unsigned(255)),
                Arguments.of("190100", new Cbor.Unsigned(256)),
                Arguments.of("19ffff", new Cbor.Unsigned(65_535)),
                Arguments.of("1a00010000", new Cbor.Unsigned(65_536)),
                Arguments.of("1affffffff", new Cbor.Unsigned(4_294_967_295L)),
                Arguments.of("1b0000000100000000", new Cbor.Unsigned(4_294_967_296L)),
                Arguments.of("1b7fffffffffffffff", new Cbor.Unsigned(Long.MAX_VALUE)),
                Arguments.of("20", new Cbor.Negative(-1)),
                Arguments.of("3822", new Cbor.Negative(-35)),
                Arguments.of("3b7fffffffffffffff", new Cbor.Negative(Long.MIN_VALUE)),
                Arguments.of("f4", Cbor.Simple.FALSE),
                Arguments.of("f5", Cbor.Simple.TRUE),
                Arguments.of("f6", Cbor.Simple.NULL),
                Arguments.of("60", new Cbor.Text("")),
                Arguments.of("62c3bc", new Cbor.Text("ü")),
                Arguments.of("7f657374726561646d696e67ff", new Cbor.Text("streaming")),
                Arguments.of("7fff", new Cbor.Text("")),
                Arguments.of("c100", new Cbor.Tagged(1, new Cbor.Unsigned(0))),
                Arguments.of("80", new Cbor.Array(List.of())),
                Arguments.of("9fff", new Cbor.Array(List.of())),
                Arguments.of("a0", new Cbor.Dictionary(Map.of())),
                Arguments.of("bfff", new Cbor.Dictionary(Map.of())),
                Arguments.of(
                        "9f018202039f0405ffff",
                        new Cbor.Array(
                                List.of(
                                        new Cbor.Unsigned(1),
                                        new Cbor.Array(
                                                List.of(
                                                        new Cbor.Unsigned(2),
                                                        new Cbor.Unsigned(3))),
                                        new Cbor.Array(
                                                List.of(
                                                        new Cbor.Unsigned(4),
                                                        new Cbor.Unsigned(5)))))),
                Arguments.of(
                        "bf6346756ef563416d7421ff",
                        new Cbor.Dictionary(
                                Map.of(
                                        new Cbor.Text("Fun"),
                                        Cbor.Simple.TRUE,
                                        new Cbor.Text("Amt"),
                                        new Cbor.Negative(-2)))));
    }

    @ParameterizedTest
    @MethodSource("numbersAndNames")
    void reads(String hex, Cbor expected) throws CborFormatException {
        assertThat(read(hex, Lengths.DEFINITE_OR_INDEFINITE)).isEqualTo(expected);
    }

    @Test
    void readsByteStringsInChunks() throws CborFormatException {
        assertThat(read("5f42010243030405ff", Lengths.DEFINITE_OR_INDEFINITE))
                .isInstanceOfSatisfying(
                        Cbor.Bytes.class,
                        bytes -> assertThat(bytes.value()).containsExactly(1, 2, 3, 4, 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "0000", // trailing byte
                "18", // number cut off
                "1b00000000000000", // the same
                "1817", // not the shortest form
                "1900ff",
                "1a0000ffff",
                "1b00000000ffffffff",
                "3800",
                "5800",
                "7800",
                "9800",
                "b800",
                "1b8000000000000000", // 2^63
                "3b8000000000000000",
                "1c", // reserved lengths
                "1d",
                "1e",
                "1f", // an integer has no indefinite length
                "3f",
                "df00",
                "41", // strings longer than the rest
                "5affffffff00",
                "5bffffffffffffffff010203",
                "7b7fffffffffffffff010203",
                "81", // arrays and maps longer than the rest
                "9affffffff00",
                "9b7fffffffffffffff00",
                "a1",
                "a100",
                "ba7fffffff0000",
                "9f", // no break
                "9f01",
                "5f4100",
                "bf0001",
                "bf00ff", // a key without a value
                "ff", // a break of nothing
                "81ff",
                "5f6100ff", // chunks of another kind
                "7f4100ff",
                "5f00ff",
                "5f5f4100ffff", // a chunk in chunks
                "a2000100ff",
                "a201000101", // twice the same key
                "bf010001f5ff",
                "a2616100616101",
                "a1400000", // keys of other kinds
                "a1f400",
                "a18000",
                "61ff", // no UTF-8
                "62c328",
                "7f61c361bcff00",
                "f7", // undefined
                "e0", // simple values
                "f818",
                "f90000", // floating point
                "fa00000000",
                "fb0000000000000000",
            })
    void refuses(String hex) {
        assertThatThrownBy(() -> read(hex, Lengths.DEFINITE_OR_INDEFINITE))
                .isInstanceOf(CborFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5f4100ff", "7f6161ff", "9f00ff", "bf0000ff", "819fff"})
    void refusesIndefiniteLengthsWhereNoneMayBe(String hex) {
        assertThatThrownBy(() -> read(hex, Lengths.DEFINITE))
                .isInstanceOf(CborFormatException.class)
                .hasMessageContaining("definite");
    }

    @Test
    void boundsDepth() throws CborFormatException {
        read("81".repeat(7) + "00", Lengths.DEFINITE);
        assertThatThrownBy(() -> read("81".repeat(8) + "00", Lengths.DEFINITE))
                .hasMessageContaining("8 levels");
        assertThatThrownBy(() -> read("c1".repeat(10_000) + "00", Lengths.DEFINITE))
                .hasMessageContaining("8 levels");
    }

    @Test
    void boundsTheNumberOfItems() throws CborFormatException {
        read("9903ff" + "00".repeat(1023), Lengths.DEFINITE);
        assertThatThrownBy(() -> read("990400" + "00".repeat(1024), Lengths.DEFINITE))
                .hasMessageContaining("1024 items");
        assertThatThrownBy(
                        () -> read("5f" + "40".repeat(2000) + "ff", Lengths.DEFINITE_OR_INDEFINITE))
                .hasMessageContaining("1024 items");
    }

    @Test
    void readsWhatTheWriterWrites() throws CborFormatException {
        for (long number : new long[] {0, 23, 24, 255, 256, 65_535, 65_536, 1L << 32, 1L << 62}) {
            byte[] written = new CborWriter().array(2).unsigned(number).nothing().toByteArray();
            assertThat(CborReader.read(written, Lengths.DEFINITE))
                    .isEqualTo(
                            new Cbor.Array(List.of(new Cbor.Unsigned(number), Cbor.Simple.NULL)));
        }
    }

    private static Cbor read(String hex, Lengths lengths) throws CborFormatException {
        return CborReader.read(HexFormat.of().parseHex(hex), lengths);
    }
}
