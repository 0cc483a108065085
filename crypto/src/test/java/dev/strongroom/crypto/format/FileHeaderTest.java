package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.FileHeader.Place;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FileHeaderTest {
    private static final String SALT = "0f".repeat(32);
    private static final String PREFIX = "a1a2a3a4a5a6a7";
    private static final byte[] ENCODED = HexFormat.of().parseHex("28" + SALT + PREFIX);

    @Test
    void liesWhereTheFormatSays() throws Exception {
        FileHeader header = FileHeader.decode(ENCODED);

        assertThat(header.salt()).asHexString().isEqualToIgnoringCase(SALT);
        assertThat(header.noncePrefix()).asHexString().isEqualToIgnoringCase(PREFIX);
        assertThat(header.encode()).isEqualTo(ENCODED);
    }

    @Test
    void aNonceNamesTheSegmentAndWhetherItIsTheLast() throws Exception {
        FileHeader header = FileHeader.decode(ENCODED);

        assertThat(header.nonce(0, Place.INNER)).asHexString().endsWith("0000000000");
        assertThat(header.nonce(0x01020304, Place.LAST))
                .asHexString()
                .isEqualToIgnoringCase(PREFIX + "0102030401");
    }

    @Test
    void refusesAnotherLength() {
        byte[] saysMore = ENCODED.clone();
        saysMore[0]++;

        for (byte[] bad : new byte[][] {saysMore, Arrays.copyOf(ENCODED, 39), new byte[0]}) {
            assertThatThrownBy(() -> FileHeader.decode(bad))
                    .isInstanceOf(SealedFormatException.class)
                    .hasMessageMatching("segment 0: expected .*40.*, got (41|39|0)");
        }
    }

    @Test
    void noTwoFilesHaveTheSame() {
        var random = new SecureRandom();

        FileHeader one = FileHeader.draw(random);
        FileHeader other = FileHeader.draw(random);

        assertThat(one.salt()).isNotEqualTo(other.salt());
        assertThat(one.noncePrefix()).isNotEqualTo(other.noncePrefix());
    }
}
