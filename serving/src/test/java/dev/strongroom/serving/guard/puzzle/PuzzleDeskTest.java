package dev.strongroom.serving.guard.puzzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.OutputPolicy.Switch;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk.Fault;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk.Taken;
import dev.strongroom.serving.infer.RefusedException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PuzzleDeskTest {
    private static final OutputPolicy.Toil RULES = new OutputPolicy.Toil(Switch.ON, 64, 1);
    private static final Digest QUESTION = Digest.sha256(new byte[] {1});
    private static final Digest ANOTHER = Digest.sha256(new byte[] {2});
    private static final String EVE = "acme/consumer/eve";

    private final AtomicLong nanos = new AtomicLong();
    private final PuzzleDesk desk = new PuzzleDesk(new SecureRandom(), nanos::get);

    @AfterEach
    void close() {
        desk.close();
    }

    @Test
    void aSolutionCountsOnceForItsCallerAndQuestionAndForTwoMinutes() throws Exception {
        String solved = solved(20);
        assertThat(desk.take("acme/consumer/bob", QUESTION, 1, solved)).isEqualTo(overOrAnothers());
        assertThat(desk.take(EVE, ANOTHER, 1, solved)).isEqualTo(overOrAnothers());
        assertThat(right(desk.take(EVE, QUESTION, 1, solved))).isTrue();
        assertThat(desk.take(EVE, QUESTION, 1, solved)).isEqualTo(new Taken.Faulty(Fault.USED));
        String late = solved(20);
        nanos.addAndGet(Duration.ofMinutes(2).toNanos() + 1);
        assertThat(desk.take(EVE, QUESTION, 1, late)).isEqualTo(overOrAnothers());
    }

    @Test
    void aWrongNumberIsTheOnlyTry() throws Exception {
        Puzzle puzzle = Puzzle.parse(due(1_000_000));
        assertThat(right(desk.take(EVE, QUESTION, 1, new Solution(puzzle, 1).text()))).isFalse();
        assertThat(desk.take(EVE, QUESTION, 1, new Solution(puzzle, 2).text()))
                .isEqualTo(new Taken.Faulty(Fault.USED));
    }

    @Test
    void anotherNodesPuzzleAndOneThatWasMadeEasierAreWorthNothing() throws Exception {
        try (var other = new PuzzleDesk(new SecureRandom(), nanos::get)) {
            String theirs = other.due(RULES, 1, EVE, QUESTION, "why").puzzle().orElseThrow();
            assertThat(desk.take(EVE, QUESTION, 1, theirs + ".0")).isEqualTo(overOrAnothers());
        }
        Puzzle hard = Puzzle.parse(due(1_000_000));
        Puzzle easy = Puzzle.of(64, 1, 1, hard.expires(), hard.nonce()).with(hard.mac());
        assertThat(desk.take(EVE, QUESTION, 1, new Solution(easy, 0).text()))
                .isEqualTo(overOrAnothers());
    }

    /** Who is suspected a little could lay in puzzles for a hundred questions. */
    @Test
    void aPuzzleFromWhenRowsCostLessIsNoneAnyMore() throws Exception {
        String cheap = solved(20);
        assertThat(desk.take(EVE, QUESTION, 21, cheap)).isEqualTo(new Taken.Faulty(Fault.TOO_EASY));
        assertThat(right(desk.take(EVE, QUESTION, 20, cheap))).isTrue();
    }

    @Test
    void refusesWhatIsNone() {
        for (String none : List.of("", "x", "AAAA.7", "a".repeat(10_000) + ".1")) {
            assertThatThrownBy(() -> desk.take(EVE, QUESTION, 1, none))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo("PUZZLE_MALFORMED"));
        }
    }

    /** Large hashes, sent by the hundred, hold up others' and the processor for a while only. */
    @Test
    void oneCallerHasAFewSolutionsCheckedAtATimeAndLosesNoneOfTheOthers() throws Exception {
        var large = new OutputPolicy.Toil(Switch.ON, 8 * 1024, 1);
        List<String> solutions = new ArrayList<>();
        for (int at = 0; at < 8; at++) {
            solutions.add(desk.due(large, 1, EVE, QUESTION, "why").puzzle().orElseThrow() + ".0");
        }
        List<Taken> taken = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (String solution : solutions) {
            try {
                taken.add(desk.take(EVE, QUESTION, 1, solution));
            } catch (RefusedException e) {
                assertThat(e.reason()).isEqualTo("PUZZLES_BUSY");
                refused.add(solution);
            }
        }
        assertThat(refused).isNotEmpty();
        for (Taken each : taken) {
            assertThat(right(each)).isTrue();
        }
        assertThat(right(desk.take(EVE, QUESTION, 1, refused.getFirst()))).isTrue();
    }

    private static Taken overOrAnothers() {
        return new Taken.Faulty(Fault.EXPIRED_OR_ANOTHERS);
    }

    private static boolean right(Taken taken) throws Exception {
        return taken instanceof Taken.Checking(var right) && right.get();
    }

    private String due(long work) {
        return desk.due(RULES, work, EVE, QUESTION, "why").puzzle().orElseThrow();
    }

    private String solved(long work) throws Exception {
        Puzzle puzzle = Puzzle.parse(due(work));
        long number = puzzle.solve(QUESTION, () -> true).orElseThrow();
        return new Solution(puzzle, number).text();
    }
}
