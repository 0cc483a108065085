package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The document around collateral: what is kept for the signature stands in it, byte for byte. */
class SignedJsonFuzz {
    static List<byte[]> seeds() {
        var platform = new SoftwarePlatform(4);
        return List.of(platform.signedJson(TcbInfo.MEMBER, "{\"a\":[1,true,\"x\"]}"));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsADocumentOrRefuses(byte[] input) throws Exception {
        var signed =
                Hostile.read(
                        input,
                        TdxFormatException.class,
                        bytes -> SignedJson.parse(TcbInfo.MEMBER, bytes, TcbInfo.MAX_BYTES));
        if (signed.isPresent()) {
            assertThat(new String(input, StandardCharsets.ISO_8859_1))
                    .contains(new String(signed.get().body(), StandardCharsets.ISO_8859_1));
        }
    }
}
