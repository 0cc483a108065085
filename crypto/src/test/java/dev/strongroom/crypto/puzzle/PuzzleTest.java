package dev.strongroom.crypto.puzzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PuzzleTest {
    private static final Digest QUESTION = Digest.sha256(new byte[] {1});
    private static final Digest ANOTHER = Digest.sha256(new byte[] {2});

    private static Puzzle puzzle(long work, int nonce) {
        byte[] sixteen = new byte[Puzzle.NONCE_BYTES];
        Arrays.fill(sixteen, (byte) nonce);
        return Puzzle.of(Puzzle.LEAST_MEMORY_KIB, 1, work, 99, sixteen)
                .with(new byte[Puzzle.MAC_BYTES]);
    }

    @Test
    void takesAsManyHashesOnAverageAsItSays() {
        var tries = new AtomicInteger();
        for (int nonce = 0; nonce < 60; nonce++) {
            Puzzle puzzle = puzzle(20, nonce);
            long number = puzzle.solve(QUESTION, () -> tries.incrementAndGet() > 0).orElseThrow();
            assertThat(puzzle.solves(number, QUESTION)).isTrue();
        }
        assertThat(tries.get() / 60.0).isBetween(10.0, 35.0);
    }

    @Test
    void aSolutionIsForOnePuzzleAndOneQuestion() {
        int others = 0;
        for (int nonce = 0; nonce < 20; nonce++) {
            long number = puzzle(30, nonce).solve(QUESTION, () -> true).orElseThrow();
            others += puzzle(30, nonce).solves(number, ANOTHER) ? 1 : 0;
            others += puzzle(30, nonce + 100).solves(number, QUESTION) ? 1 : 0;
        }
        assertThat(others).isLessThan(8);
    }

    @Test
    void workOfOneIsSolvedByAnything() {
        assertThat(puzzle(1, 0).solve(QUESTION, () -> true)).hasValue(0);
    }

    @Test
    void whoIsToldToStopStops() {
        assertThat(puzzle(Long.MAX_VALUE, 0).solve(QUESTION, () -> false)).isEmpty();
    }

    @Test
    void readsWhatItWrites() throws Exception {
        var solution = new Solution(puzzle(7, 3), 123);
        Solution read = Solution.parse(solution.text());
        assertThat(read.number()).isEqualTo(123);
        assertThat(read.puzzle().text()).isEqualTo(solution.puzzle().text());
        assertThat(read.puzzle().work()).isEqualTo(7);
        assertThat(read.puzzle().passes()).isEqualTo(1);
        assertThat(read.puzzle().memoryKib()).isEqualTo(Puzzle.LEAST_MEMORY_KIB);
        assertThat(read.puzzle().expires()).isEqualTo(99);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", ".1", "AAAA.1", "%.1", "AAAA", "AAAA.-1", "AAAA.x"})
    void refusesWhatIsNoSolution(String text) {
        assertThatThrownBy(() -> Solution.parse(text))
                .isInstanceOf(MalformedEncodingException.class);
    }

    /** A node that is broken into has its callers compute for a day, or run out of memory. */
    @Test
    void refusesPuzzlesOutOfBounds() {
        byte[] nonce = new byte[Puzzle.NONCE_BYTES];
        assertThatThrownBy(() -> Puzzle.of(Puzzle.MOST_MEMORY_KIB + 1, 1, 1, 0, nonce))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Puzzle.of(64, Puzzle.MOST_PASSES + 1, 1, 0, nonce))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Puzzle.of(64, 1, 0, 0, nonce))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Puzzle.of(64, 1, -1, 0, nonce))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
