package dev.strongroom.serving.guard.puzzle;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Gives puzzles and checks solutions, for all models of a tenant. A puzzle is for one caller and
 * one question, counts for two minutes on the node that gave it, and has one try, right or wrong,
 * from the moment on that it is looked at. Who sends a wrong number waits before another of his is.
 * Nothing is kept of puzzles that nobody came back with.
 *
 * <p>Thread-safe; never blocks. The owner closes it.
 */
public final class PuzzleDesk implements AutoCloseable {
    private static final String DOMAIN = "strongroom/puzzle-mac";
    private static final Duration LIFE = Duration.ofMinutes(2);
    private static final int MOST_REMEMBERED = 1 << 16; // some 8 MiB
    private static final int MOST_OF_ONE = 4;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final String HMAC = "HmacSHA256";

    private final SecureRandom random;
    private final LongSupplier nanos;
    private final long longestNanos; // until a check begins
    private final SecretKeySpec key;
    private final CheckThreads threads = new CheckThreads();
    private final Checks checks;
    private final UsedNonces used = new UsedNonces(LIFE.toNanos(), MOST_REMEMBERED);
    private final WrongTries wrong = new WrongTries(MOST_REMEMBERED);
    private final Places places = new Places();
    private final Set<ByteBuffer> queued = new HashSet<>(); // nonces

    /**
     * @param nanos of a clock that is never turned back
     * @param patience that calls wait for their verdict; one that would take most of it is refused
     */
    public PuzzleDesk(SecureRandom random, LongSupplier nanos, Duration patience) {
        this(random, nanos, patience, 1);
    }

    /**
     * One of several, none of which waits for another's checks.
     *
     * @param desks of this process, which share a quarter of a processor
     */
    public PuzzleDesk(SecureRandom random, LongSupplier nanos, Duration patience, int desks) {
        this.random = random;
        this.nanos = nanos;
        this.longestNanos = patience.toNanos() / 2;
        byte[] secret = new byte[Puzzle.MAC_BYTES];
        random.nextBytes(secret);
        this.key = new SecretKeySpec(secret, HMAC);
        this.checks = new Checks(desks, nanos, threads::later, threads.answers());
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
         * @param verdict completes with the answer, on a thread that may take its time
         */
        record Checking(CompletableFuture<Verdict> verdict) implements Taken {}

        record Faulty(Fault fault) implements Taken {}
    }

    /**
     * Takes a solution, for its one try.
     *
     * @param work that is due by now
     * @throws RefusedException PUZZLE_MALFORMED; PUZZLES_BUSY, PUZZLE_WAIT: the same solution
     *     counts later
     */
    public Taken take(Asker asker, Digest question, long work, String text)
            throws RefusedException {
        Solution solution = parse(text);
        Puzzle puzzle = solution.puzzle();
        long now = nanos.getAsLong();
        if (!MessageDigest.isEqual(puzzle.mac(), mac(puzzle, asker.identity(), question))
                || puzzle.expires() - now < 0) {
            return new Taken.Faulty(Fault.EXPIRED_OR_ANOTHERS);
        }
        if (puzzle.work() < work) {
            return new Taken.Faulty(Fault.TOO_EASY);
        }
        var attempt = new Attempt(asker, question, solution, now);
        synchronized (this) {
            if (used.has(attempt.nonce())) {
                return new Taken.Faulty(Fault.USED);
            }
            requireAllowed(asker.identity(), now);
            requirePlace(attempt);
            queued.add(attempt.nonce());
            places.take(asker);
            return new Taken.Checking(checks.add(attempt));
        }
    }

    private void requireAllowed(String identity, long now) throws RefusedException {
        long wait = wrong.waitNanos(identity, now);
        if (wait > 0) {
            throw RefusedException.exhausted(
                    "PUZZLE_WAIT",
                    "a solution of this caller's was wrong, and none is looked at for a while; send"
                            + " this one again then",
                    Duration.ofNanos(wait));
        }
    }

    private void requirePlace(Attempt attempt) throws RefusedException {
        int most = wrong.any(attempt.asker().identity()) ? 1 : MOST_OF_ONE;
        if (!places.free(attempt.asker(), most)
                || queued.contains(attempt.nonce())
                || !used.hasRoom(attempt.since())
                || checks.waitNanos() > longestNanos) {
            throw busy();
        }
    }

    /** Of a solution that was not looked at. */
    public static RefusedException busy() {
        return RefusedException.exhausted(
                "PUZZLES_BUSY",
                "other solutions are being checked; send this one again soon",
                SOON);
    }

    /** A solution that waits for its turn. */
    private final class Attempt implements Check {
        private final Asker asker;
        private final Digest question;
        private final Solution solution;
        private final ByteBuffer nonce;
        private final long since;

        Attempt(Asker asker, Digest question, Solution solution, long since) {
            this.asker = asker;
            this.question = question;
            this.solution = solution;
            this.nonce = ByteBuffer.wrap(solution.puzzle().nonce());
            this.since = since;
        }

        Asker asker() {
            return asker;
        }

        ByteBuffer nonce() {
            return nonce;
        }

        long since() {
            return since;
        }

        @Override
        public long kib() {
            return (long) solution.puzzle().memoryKib() * solution.puzzle().passes();
        }

        @Override
        public boolean begin() {
            synchronized (PuzzleDesk.this) {
                long now = nanos.getAsLong();
                if (now - since > longestNanos) {
                    return false;
                }
                used.add(nonce, now);
                return true;
            }
        }

        @Override
        public boolean isRight() {
            return solution.isRight(question);
        }

        @Override
        public void ended(Verdict verdict) {
            synchronized (PuzzleDesk.this) {
                queued.remove(nonce);
                places.leave(asker);
                switch (verdict) {
                    case RIGHT -> wrong.right(asker.identity());
                    case WRONG -> wrong.wrong(asker.identity(), nanos.getAsLong());
                    case UNCHECKED -> used.remove(nonce);
                }
            }
        }
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
        threads.close();
    }
}
