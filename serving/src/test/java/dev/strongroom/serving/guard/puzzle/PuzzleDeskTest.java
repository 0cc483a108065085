package dev.strongroom.serving.guard.puzzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.OutputPolicy.Switch;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.serving.guard.limit.Asker;
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
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Asker EVE = asker("eve", "thieves");

    private final AtomicLong nanos = new AtomicLong();
    private final PuzzleDesk desk = new PuzzleDesk(new SecureRandom(), nanos::get, PATIENCE);

    @AfterEach
    void close() {
        desk.close();
    }

    @Test
    void aSolutionCountsOnceForItsCallerAndQuestionAndForTwoMinutes() throws Exception {
        String solved = solved(20);
        assertThat(desk.take(asker("bob", "thieves"), QUESTION, 1, solved))
                .isEqualTo(overOrAnothers());
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
        try (var other = new PuzzleDesk(new SecureRandom(), nanos::get, PATIENCE)) {
            String theirs =
                    other.due(RULES, 1, EVE.identity(), QUESTION, "why").puzzle().orElseThrow();
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
            solutions.add(
                    desk.due(large, 1, EVE.identity(), QUESTION, "why").puzzle().orElseThrow()
                            + ".0");
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

    /** At the lowest price every second number is right: who only guesses gets answers slowly. */
    @Test
    void whoGuessesWaitsTwiceAsLongEachTimeAndLosesNothingByWaiting() throws Exception {
        long waited = 0;
        for (int wrong = 0; wrong < 5; wrong++) {
            assertThat(right(desk.take(EVE, QUESTION, 1, due(1_000_000) + ".1"))).isFalse();
            String kept = solved(20);
            Duration wait = refusal(EVE, kept, "PUZZLE_WAIT").retryAfter().orElseThrow();
            assertThat(wait).isEqualTo(Duration.ofSeconds(1 << wrong));
            waited += wait.toNanos();
            nanos.addAndGet(wait.toNanos() - 1);
            var _ = refusal(EVE, kept, "PUZZLE_WAIT");
            nanos.incrementAndGet();
            if (wrong == 4) {
                assertThat(right(desk.take(EVE, QUESTION, 1, kept))).as("not used up").isTrue();
            }
        }
        assertThat(waited).isEqualTo(Duration.ofSeconds(31).toNanos());
    }

    /** A right one takes one wrong one back, no more. */
    @Test
    void whoIsRightNowAndThenWaitsStill() throws Exception {
        for (int wrong = 0; wrong < 3; wrong++) {
            assertThat(right(desk.take(EVE, QUESTION, 1, due(1_000_000) + ".1"))).isFalse();
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        }
        assertThat(right(desk.take(EVE, QUESTION, 1, solved(2)))).isTrue();
        assertThat(right(desk.take(EVE, QUESTION, 1, due(1_000_000) + ".1"))).isFalse();
        assertThat(refusal(EVE, solved(2), "PUZZLE_WAIT").retryAfter())
                .contains(Duration.ofSeconds(4));
    }

    /** Sixteen flagged accounts of one group with four junk solutions each. */
    @Test
    void aGroupOfThievesLeavesHalfOfThePlacesToOthers() throws Exception {
        var slow = new OutputPolicy.Toil(Switch.ON, Puzzle.MOST_MEMORY_KIB / 16, 1);
        int places = 0;
        for (int at = 0; at < 64; at++) {
            Asker thief = asker("thief-" + at / 4, "thieves");
            String junk =
                    desk.due(slow, 1_000_000, thief.identity(), QUESTION, "why")
                                    .puzzle()
                                    .orElseThrow()
                            + ".1";
            try {
                var _ = desk.take(thief, QUESTION, 1, junk);
                places++;
            } catch (RefusedException e) {
                assertThat(e.reason()).isIn("PUZZLES_BUSY", "PUZZLE_WAIT");
            }
        }
        assertThat(places).isGreaterThanOrEqualTo(Places.OF_GROUP).isLessThan(Places.ALL);
        Asker honest = asker("bob", "others");
        Puzzle owed = Puzzle.parse(due(honest, 20));
        long number = owed.solve(QUESTION, () -> true).orElseThrow();
        assertThat(right(desk.take(honest, QUESTION, 1, new Solution(owed, number).text())))
                .isTrue();
    }

    /** The caller would be gone before his solution is looked at. */
    @Test
    void aSolutionThatWouldWaitTooLongIsRefusedAndNotUsedUp() throws Exception {
        try (var hurried = new PuzzleDesk(new SecureRandom(), nanos::get, Duration.ofMillis(500))) {
            var large = new OutputPolicy.Toil(Switch.ON, Puzzle.MOST_MEMORY_KIB, 1);
            String first =
                    hurried.due(large, 1, EVE.identity(), QUESTION, "why").puzzle().orElseThrow();
            String next =
                    hurried.due(large, 1, EVE.identity(), QUESTION, "why").puzzle().orElseThrow();
            Taken taken = hurried.take(EVE, QUESTION, 1, first + ".0");
            assertThatThrownBy(() -> hurried.take(EVE, QUESTION, 1, next + ".0"))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo("PUZZLES_BUSY"));
            assertThat(right(taken)).isTrue();
            assertThat(right(hurried.take(EVE, QUESTION, 1, next + ".0"))).isTrue();
        }
    }

    private RefusedException refusal(Asker asker, String solution, String reason) {
        try {
            assertThat(desk.take(asker, QUESTION, 1, solution)).as("refused: " + reason).isNull();
            throw new AssertionError("it was taken");
        } catch (RefusedException e) {
            assertThat(e.reason()).isEqualTo(reason);
            return e;
        }
    }

    private static Taken overOrAnothers() {
        return new Taken.Faulty(Fault.EXPIRED_OR_ANOTHERS);
    }

    private static boolean right(Taken taken) throws Exception {
        return taken instanceof Taken.Checking(var verdict) && verdict.get() == Verdict.RIGHT;
    }

    private String due(long work) {
        return due(EVE, work);
    }

    private String due(Asker asker, long work) {
        return desk.due(RULES, work, asker.identity(), QUESTION, "why").puzzle().orElseThrow();
    }

    private static Asker asker(String name, String group) {
        return Asker.of("acme/consumer/" + name, group, "");
    }

    private String solved(long work) throws Exception {
        Puzzle puzzle = Puzzle.parse(due(work));
        long number = puzzle.solve(QUESTION, () -> true).orElseThrow();
        return new Solution(puzzle, number).text();
    }
}
