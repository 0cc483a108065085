package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A quote with its chain, as a processor's quoting enclave writes it. */
class TdxQuoteFuzz {
    static List<byte[]> seeds() {
        return Stream.of(4, 5).map(version -> new SoftwarePlatform(version).quote()).toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAQuoteOrRefuses(byte[] input) throws Exception {
        var quote = Hostile.read(input, TdxFormatException.class, TdxQuote::parse);
        if (quote.isPresent()) {
            byte[] signed = quote.get().signedBytes();
            assertThat(signed).isEqualTo(Arrays.copyOf(input, signed.length));
        }
    }
}
