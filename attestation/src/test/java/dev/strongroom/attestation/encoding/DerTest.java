package dev.strongroom.attestation.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every element has one spelling. */
class DerTest {
    @ParameterizedTest
    @CsvSource({"020100,0", "02017f,127", "02020080,128", "0202ffff,-1", "020300ffff,65535"})
    void readsIntegersInTheirShortestForm(String hex, int value) throws Exception {
        Der integer = Der.whole(HexFormat.of().parseHex(hex), Der.INTEGER);
        if (value < 0) {
            assertThatThrownBy(() -> integer.unsigned(0xffff))
                    .isInstanceOf(MalformedEncodingException.class);
        } else {
            assertThat(integer.unsigned(0xffff)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0200", "02020001", "0203010000", "0206000100000000", "0201ff"})
    void refusesIntegersOutOfRangeOrForm(String hex) throws Exception {
        Der integer = Der.whole(HexFormat.of().parseHex(hex), Der.INTEGER);
        assertThatThrownBy(() -> integer.unsigned(0xffff))
                .isInstanceOf(MalformedEncodingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "3001", "308100", "3080", "30830000", "3000ff", "30820001ff"})
    void refusesElementsThatDoNotFillTheirBytes(String hex) {
        assertThatThrownBy(() -> Der.whole(HexFormat.of().parseHex(hex), Der.SEQUENCE))
                .isInstanceOf(MalformedEncodingException.class);
    }

    @Test
    void refusesAnElementThatIsLongerThanItsParent() throws Exception {
        Der parent = Der.whole(HexFormat.of().parseHex("30030202ff"), Der.SEQUENCE);
        assertThatThrownBy(parent::first).isInstanceOf(MalformedEncodingException.class);
    }
}
