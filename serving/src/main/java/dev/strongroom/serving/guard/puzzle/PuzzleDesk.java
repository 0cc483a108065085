package dev.strongroom.serving.guard.puzzle;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.serving.infer.RefusedException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Gives puzzles and checks solutions. A puzzle is for one caller and one question, counts for two
 * minutes on the node that gave it, and has one try, right or wrong. Nothing is kept of puzzles
 * that nobody came back with.
 *
 * <p>Thread-safe; never blocks. The owner closes it.
 */
public final class PuzzleDesk implements AutoCloseable {
    private static final String DOMAIN = "strongroom/puzzle-mac";
    private static final Duration LIFE = Duration.ofMinutes(2);
    private static final int MOST_REMEMBERED = 1 << 16; // some 8 MiB
    private static final int MOST_WAITING = 64;
    private static final int MOST_OF_ONE = 4;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final String HMAC = "HmacSHA256";

    private final SecureRandom random;
    private final LongSupplier nanos;
    private final SecretKeySpec key;
    private final Checks checks;
    private final UsedNonces used = new UsedNonces(LIFE.toNanos(), MOST_REMEMBERED);
    private final Map<String, Integer> waiting = new HashMap<>(); // solutions, by caller
    private int allWaiting;

    /**
     * @param nanos of a clock that is never turned back
     */
    public PuzzleDesk(SecureRandom random, LongSupplier nanos) {
        this.random = random;
        this.nanos = nanos;
        byte[] secret = new byte[Puzzle.MAC_BYTES];
        random.nextBytes(secret);
        this.key = new SecretKeySpec(secret, HMAC);
        this.checks = new Checks();
    }

    /**
     * The refusal that asks for work.
     *
     * @param work hashes on average
     */
    public RefusedException due(
            OutputPolicy.Toil rules, long work, String identity, Digest question, String why) {
        byte[] nonce = new byte[Puzzle.NONCE_BYTES];
        random.nextBytes(nonce);
        long expires = nanos.getAsLong() + LIFE.toNanos();
        Puzzle bare = Puzzle.of(rules.memoryKib(), rules.passes(), work, expires, nonce);
        Puzzle puzzle = bare.with(mac(bare, identity, question));
        return RefusedException.puzzleDue(
                "%s: %d hashes of %d KiB on average, Argon2id; ask again within %d s with the solution as parameter %s"
                        .formatted(
                                why, work, rules.memoryKib(), LIFE.toSeconds(), Solution.PARAMETER),
                puzzle.text());
    }

    /** What is wrong with a solution before any hash; the caller gets another puzzle. */
    public enum Fault {
        EXPIRED_OR_ANOTHERS,
        /** It was given when a row cost less; nobody lays in cheap ones. */
        TOO_EASY,
        USED
    }

    /** A solution that may be right, or why not. */
    public sealed interface Taken {
        /**
         * It is being checked.
         *
         * @param right completes with the answer
         */
        record Checking(CompletableFuture<Boolean> right) implements Taken {}

        record Faulty(Fault fault) implements Taken {}
    }

    /**
     * Takes a solution, for its one try.
     *
     * @param work that is due by now
     * @throws RefusedException PUZZLE_MALFORMED, PUZZLES_BUSY: the same solution counts later
     */
    public Taken take(String identity, Digest question, long work, String text)
            throws RefusedException {
        Solution solution = parse(text);
        Puzzle puzzle = solution.puzzle();
        long now = nanos.getAsLong();
        if (!MessageDigest.isEqual(puzzle.mac(), mac(puzzle, identity, question))
                || puzzle.expires() - now < 0) {
            return new Taken.Faulty(Fault.EXPIRED_OR_ANOTHERS);
        }
        if (puzzle.work() < work) {
            return new Taken.Faulty(Fault.TOO_EASY);
        }
        synchronized (this) {
            if (used.has(puzzle.nonce())) {
                return new Taken.Faulty(Fault.USED);
            }
            int own = waiting.getOrDefault(identity, 0);
            if (own >= MOST_OF_ONE || allWaiting >= MOST_WAITING || !used.hasRoom(now)) {
                throw RefusedException.exhausted(
                        "PUZZLES_BUSY",
                        "other solutions are being checked; send this one again soon",
                        SOON);
            }
            used.add(puzzle.nonce(), now);
            waiting.merge(identity, 1, Integer::sum);
            allWaiting++;
        }
        return new Taken.Checking(
                checks.add(() -> solution.isRight(question), () -> checked(identity)));
    }

    private synchronized void checked(String identity) {
        waiting.computeIfPresent(identity, (_, count) -> count == 1 ? null : count - 1);
        allWaiting--;
    }

    private static Solution parse(String text) throws RefusedException {
        try {
            return Solution.parse(text);
        } catch (MalformedEncodingException e) {
            throw RefusedException.invalid("PUZZLE_MALFORMED", String.valueOf(e.getMessage()));
        }
    }

    private byte[] mac(Puzzle puzzle, String identity, Digest question) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(
                    Canonical.of(DOMAIN, 1)
                            .bytes(puzzle.body())
                            .text(identity)
                            .bytes(question.bytes())
                            .toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    @Override
    public void close() {
        checks.close();
    }
}
