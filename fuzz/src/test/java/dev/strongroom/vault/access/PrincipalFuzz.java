package dev.strongroom.vault.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The name in a client certificate. */
class PrincipalFuzz {
    static List<byte[]> seeds() {
        String uri = "spiffe://strongroom/acme/owner/alice";
        return List.of(uri.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void namesOneCallerOrNobody(byte[] input) throws Exception {
        var uri = new String(input, StandardCharsets.UTF_8);
        Hostile.read(input, IllegalArgumentException.class, _ -> Principal.ofUri(uri))
                .orElseThrow()
                .ifPresent(principal -> assertThat(principal.uri()).isEqualTo(uri));
    }
}
