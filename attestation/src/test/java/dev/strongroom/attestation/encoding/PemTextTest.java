package dev.strongroom.attestation.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTextTest {
    private static final byte[] DER = HexFormat.of().parseHex("00ff".repeat(60));

    @Test
    void readsWhatItWroteAmongOtherBlocks() throws Exception {
        String text = "a comment\n" + text("CERTIFICATE") + text("PRIVATE KEY");
        assertThat(PemText.block(bytes(text), "PRIVATE KEY")).isEqualTo(DER);
        assertThat(text.lines()).allMatch(line -> line.length() <= 64);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n",
                "-----END PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----\n",
                "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n"
            })
    void refusesWhatHasNoWholeBlock(String text) {
        assertThatThrownBy(() -> PemText.block(bytes(text), "PRIVATE KEY"))
                .isInstanceOf(MalformedEncodingException.class)
                .hasMessageContaining("PRIVATE KEY");
    }

    private static String text(String label) {
        return new String(PemText.write(label, DER), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
