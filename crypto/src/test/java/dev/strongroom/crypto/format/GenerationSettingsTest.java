package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationSettingsTest {
    @Test
    void readsWhatEndsASequenceAndHowLongOneCanBe() throws Exception {
        assertThat(parse("{\"version\": 1, \"endOfSequence\": [2, 7], \"contextTokens\": 1024}"))
                .isEqualTo(new GenerationSettings(Set.of(2, 7), 1024));
        assertThat(parse("{\"version\":1,\"endOfSequence\":[],\"contextTokens\":2}"))
                .isEqualTo(new GenerationSettings(Set.of(), 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"version\":1,\"endOfSequence\":[]}",
                "{\"version\":2,\"endOfSequence\":[],\"contextTokens\":9}",
                "{\"version\":1,\"endOfSequence\":[],\"contextTokens\":9,\"more\":1}",
                "{\"version\":1,\"endOfSequence\":7,\"contextTokens\":9}",
                "{\"version\":1,\"endOfSequence\":[\"a\"],\"contextTokens\":9}",
                "{\"version\":1,\"endOfSequence\":[16777217],\"contextTokens\":9}",
                "{\"version\":1,\"endOfSequence\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7],"
                        + "\"contextTokens\":9}",
                "{\"version\":1,\"endOfSequence\":[],\"contextTokens\":1}",
                "{\"version\":1,\"endOfSequence\":[],\"contextTokens\":16777217}",
            })
    void refusesEverythingElse(String json) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(SealedFormatException.class);
    }

    private static GenerationSettings parse(String json) throws SealedFormatException {
        return GenerationSettings.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
