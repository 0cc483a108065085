package dev.strongroom.attestation.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a signature inside a JSON document covers is known to the byte. */
class JsonMembersTest {
    @Test
    void keepsEachValueAsItWasWritten() throws Exception {
        assertThat(read(" { \"a\" : { \"b\": [1 , 2] } , \"c\":\"d\" } "))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("a", "{ \"b\": [1 , 2] }", "c", "\"d\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"a\":1",
                "{\"a\":1}}",
                "{\"a\":1,}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":\"\u00e9\"}",
                "{\"a\":\"\\n\"}",
                "{\"a\":{\"b\":1,\"b\":2}}"
            })
    void refusesEverythingElse(String document) {
        assertThatThrownBy(() -> read(document)).isInstanceOf(MalformedEncodingException.class);
    }

    @Test
    void refusesADocumentAboveItsLimit() {
        assertThatThrownBy(() -> Json.members("document", new byte[65], 64))
                .hasMessage("document: at most 64 bytes");
    }

    private static Map<String, String> read(String document) throws MalformedEncodingException {
        var members = new HashMap<String, String>();
        Json.members("document", document.getBytes(StandardCharsets.UTF_8), 64)
                .forEach((key, value) ->
                        members.put(key, new String(value, StandardCharsets.US_ASCII)));
        return members;
    }
}
