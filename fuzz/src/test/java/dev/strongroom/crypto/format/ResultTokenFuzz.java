package dev.strongroom.crypto.format;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A result token of whoever says that he is a vault. */
class ResultTokenFuzz {
    static List<byte[]> seeds() {
        return List.of(ResultTokenTest.token().getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsATokenOrRefuses(byte[] input) throws Exception {
        String token = new String(input, StandardCharsets.ISO_8859_1);
        Hostile.read(input, SealedFormatException.class, _ -> ResultToken.uncheckedClaims(token));
        Hostile.read(
                input,
                SealedFormatException.class,
                _ ->
                        ResultToken.verify(
                                token,
                                ResultTokenTest.vault(),
                                Instant.EPOCH,
                                ResultToken.Demand.ANY));
        Hostile.read(input, SealedFormatException.class, _ -> ResultToken.shownIdentity(token));
    }
}
