package dev.strongroom.attestation.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CmwTest {
    /** The example of draft-ietf-rats-msg-wrap, "CBOR Record with explicit CM indicator". */
    private static final String RECORD =
            "83781d6170706c69636174696f6e2f7369676e65642d636f72696d2b63626f72"
                    + "47d28443a10126a103";

    @Test
    void readsTheExampleOfTheDraft() throws Exception {
        Cmw message = Cmw.decodeExtension(extension(RECORD));
        assertThat(message.type()).isEqualTo("application/signed-corim+cbor");
        assertThat(message.value()).isEqualTo(HexFormat.of().parseHex("d28443a10126a1"));
        assertThat(message.indicator()).isEqualTo(3);
        assertThat(message.encodeExtension()).isEqualTo(extension(RECORD));
    }

    @Property(tries = 200)
    void readsBackWhatItWrites(@ForAll @Size(max = 400) byte[] value) throws Exception {
        byte[] extension = new Cmw("a/b", value, Cmw.EVIDENCE).encodeExtension();
        assertThat(Cmw.decodeExtension(extension).encodeExtension()).isEqualTo(extension);
    }

    @Test
    void holdsWhatFitsIntoAHandshake() throws Exception {
        byte[] largest = new byte[Cmw.MAX_VALUE_BYTES];
        byte[] extension = new Cmw("a/b", largest, 0).encodeExtension();
        assertThat(Cmw.decodeExtension(extension).value()).hasSize(Cmw.MAX_VALUE_BYTES);
        assertThatThrownBy(() -> new Cmw("a/b", new byte[Cmw.MAX_VALUE_BYTES + 1], 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cmw.decodeExtension(new byte[30_000]))
                .isInstanceOf(MalformedEncodingException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "83", // an array that ends
                "8263612f6241ff", // no indicator
                "8463612f6241ff0400", // one item more
                "8363612f6261ff04", // a text for a value
                "8363612f6241ff20", // a negative indicator
                "8363612f6241ff1b00000001000000ff", // a large indicator
                "8363612f4241ff04", // no media type
                "9f63612f6241ff04ff", // indefinite length
                "a0", // a collection
                "d9ea608263612f6241ff" // a tag
            })
    void refusesWhatIsNoRecord(String record) {
        assertThatThrownBy(() -> Cmw.decodeExtension(extension(record)))
                .isInstanceOf(MalformedEncodingException.class);
    }

    private static byte[] extension(String record) {
        return HexFormat.of().parseHex("04%02x".formatted(record.length() / 2) + record);
    }
}
