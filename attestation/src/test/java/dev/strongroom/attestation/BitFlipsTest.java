package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BitFlipsTest {
    private static final List<byte[]> FIRST = List.of(new byte[3], new byte[0], new byte[5]);
    private static final List<byte[]> SECOND = List.of(new byte[4]);

    @Test
    void asManyMutantsAsBytesReachEachByteOnce() {
        assertThat(places(12))
                .containsExactly(
                        "0/0/0", "0/0/1", "0/0/2", "0/2/0", "0/2/1", "0/2/2", "0/2/3", "0/2/4",
                        "1/0/0", "1/0/1", "1/0/2", "1/0/3");
    }

    @Test
    void fewerAreSpreadOverAllSamplesAndMoreBeginAgain() {
        assertThat(places(3)).containsExactly("0/0/0", "0/2/1", "1/0/0");
        assertThat(places(13)).hasSize(13).endsWith("1/0/3", "0/0/0");
    }

    @Test
    void eachDiffersInOneBit() {
        BitFlips.of(List.of(FIRST, SECOND), 12)
                .forEach(flip -> {
                    int bits = 0;
                    for (byte b : flip.mutant()) {
                        bits += Integer.bitCount(b & 0xff);
                    }
                    assertThat(bits).as("%s", flip).isEqualTo(1);
                });
    }

    private static Stream<String> places(int mutants) {
        return BitFlips.of(List.of(FIRST, SECOND), mutants)
                .map(flip -> flip.sample() + "/" + flip.part() + "/" + flip.at());
    }
}
