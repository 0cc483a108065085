package dev.strongroom.attestation.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.cbor.CborReader.Lengths;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a Nitro module or an enclave calls CBOR. */
class CborFuzz {
    static List<byte[]> seeds() {
        return Stream.of(
                        "bf6346756ef563416d7421ff",
                        "9f018202039f0405ffff",
                        "7f657374726561646d696e67ff",
                        "5f42010243030405ff",
                        "a2616101182a1b0000000100000000",
                        "d28444a1013822a043010203420405f6",
                        "3b7fffffffffffffff",
                        "9bffffffffffffffff",
                        "818181818181818100")
                .map(HexFormat.of()::parseHex)
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAnItemOrRefuses(byte[] input) throws Exception {
        var any =
                Hostile.read(
                        input,
                        CborFormatException.class,
                        bytes -> CborReader.read(bytes, Lengths.DEFINITE_OR_INDEFINITE));
        var definite =
                Hostile.read(
                        input,
                        CborFormatException.class,
                        bytes -> CborReader.read(bytes, Lengths.DEFINITE));
        assertThat(any.isPresent() || definite.isEmpty()).as("definite is a part").isTrue();
    }
}
