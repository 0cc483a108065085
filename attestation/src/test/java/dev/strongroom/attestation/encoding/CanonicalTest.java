package dev.strongroom.attestation.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CanonicalTest {
    private static final String DOMAIN = "strongroom/test";

    @Test
    void isAVersionByteADomainAndLengthPrefixedFields() {
        byte[] encoded = Canonical.of("ab", 1).u8(2).u32(3).u64(4).text("é").toByteArray();
        assertThat(HexFormat.of().formatHex(encoded))
                .isEqualTo(
                        "01"
                                + "00000002"
                                + "6162"
                                + "02"
                                + "00000003"
                                + "0000000000000004"
                                + "00000002"
                                + "c3a9");
    }

    @Property
    void readsWhatItWrote(
            @ForAll byte[] bytes, @ForAll String text, @ForAll int number, @ForAll long big)
            throws MalformedEncodingException {
        String valid = text.codePoints().anyMatch(CanonicalTest::isSurrogate) ? "" : text;
        byte[] encoded =
                Canonical.of(DOMAIN, 1)
                        .bytes(bytes)
                        .text(valid)
                        .u32(number)
                        .u64(big)
                        .u8(number & 0xff)
                        .toByteArray();
        var reader = CanonicalReader.of(encoded, DOMAIN, 1);
        assertThat(reader.bytes("bytes", bytes.length)).isEqualTo(bytes);
        assertThat(reader.text("text", 4 * valid.length())).isEqualTo(valid);
        assertThat(reader.u32("number")).isEqualTo(number);
        assertThat(reader.u64("big")).isEqualTo(big);
        assertThat(reader.u8("octet")).isEqualTo(number & 0xff);
        reader.end();
    }

    @Property
    void givesTwoFieldListsTwoEncodings(@ForAll String first, @ForAll String second) {
        byte[] split = Canonical.of(DOMAIN, 1).text(first).text(second).toByteArray();
        byte[] joined = Canonical.of(DOMAIN, 1).text(first + second).text("").toByteArray();
        assertThat(Arrays.equals(split, joined)).isEqualTo(second.isEmpty());
    }

    @Property
    void throwsNothingElseOnArbitraryBytes(@ForAll byte[] bytes) {
        try {
            CanonicalReader.of(bytes, DOMAIN, 1).bytes("field", 16);
        } catch (MalformedEncodingException e) {
            assertThat(e).hasMessageStartingWith(DOMAIN);
        }
    }

    @Test
    void refusesAnotherDomainVersionOrTrailingBytes() throws MalformedEncodingException {
        byte[] encoded = Canonical.of(DOMAIN, 1).u8(7).toByteArray();
        assertThatThrownBy(() -> CanonicalReader.of(encoded, DOMAIN, 2))
                .isInstanceOf(MalformedEncodingException.class);
        assertThatThrownBy(() -> CanonicalReader.of(encoded, "strongroom/tesu", 1))
                .isInstanceOf(MalformedEncodingException.class);
        var reader = CanonicalReader.of(encoded, DOMAIN, 1);
        assertThatThrownBy(reader::end)
                .isInstanceOf(MalformedEncodingException.class)
                .hasMessageEndingWith("1 trailing bytes");
    }

    @Test
    void refusesLengthsBeforeItAllocates() throws MalformedEncodingException {
        byte[] huge = Canonical.of(DOMAIN, 1).u32(Integer.MAX_VALUE).toByteArray();
        byte[] negative = Canonical.of(DOMAIN, 1).u32(-1).toByteArray();
        assertThatThrownBy(
                        () -> CanonicalReader.of(huge, DOMAIN, 1).bytes("field", Integer.MAX_VALUE))
                .isInstanceOf(MalformedEncodingException.class);
        assertThatThrownBy(() -> CanonicalReader.of(negative, DOMAIN, 1).bytes("field", 16))
                .isInstanceOf(MalformedEncodingException.class);
        assertThatThrownBy(() -> CanonicalReader.of(negative, DOMAIN, 1).count("field", 16))
                .isInstanceOf(MalformedEncodingException.class);
    }

    @Test
    void refusesMalformedText() throws MalformedEncodingException {
        byte[] encoded = Canonical.of(DOMAIN, 1).bytes(new byte[] {(byte) 0xC3}).toByteArray();
        var reader = CanonicalReader.of(encoded, DOMAIN, 1);
        assertThatThrownBy(() -> reader.text("field", 16))
                .isInstanceOf(MalformedEncodingException.class)
                .hasMessageEndingWith("field: not UTF-8");
    }

    @Test
    void refusesIntegersThatDoNotFit() {
        assertThatThrownBy(() -> Canonical.of(DOMAIN, 1).u8(256))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Canonical.of(DOMAIN, 1).u8(-1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
