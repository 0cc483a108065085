package dev.strongroom.serving.guard;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk.Fault;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk.Taken;
import dev.strongroom.serving.guard.puzzle.Verdict;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.GivenSolution;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.PublicModel;
import dev.strongroom.serving.infer.RefusedException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Has callers whose rows cost more than one compute as many hashes before they are answered, where
 * the owner's policy says so. Nobody is asked to compute for what would be refused afterwards, and
 * a try costs the rate of its rows, which only a right one gets back. Thread-safe; never blocks.
 */
record Toll(PuzzleDesk desk, OutputPolicy policy, Accounts accounts, Limits limits) {
    /**
     * Asks for work, or has a solution checked.
     *
     * @param tier with the limits that the answer will be under
     * @return empty: nothing is due, or it is paid; else ask again when this completes
     * @throws RefusedException PUZZLE_DUE, PUZZLE_MALFORMED, PUZZLES_BUSY, PUZZLE_WAIT; or the
     *     limits' that the rows would exceed
     */
    Optional<CompletionStage<?>> take(
            Caller caller, Tier tier, PublicModel model, InferenceRequest request)
            throws RefusedException {
        Optional<GivenSolution> given = request.solution();
        if (policy.puzzle().state() == OutputPolicy.Switch.OFF
                || given.filter(GivenSolution::isAccepted).isPresent()) {
            return Optional.empty();
        }
        long price = price(caller);
        if (price <= 1) {
            return Optional.empty();
        }
        var asker = Asker.of(caller);
        long rows = PolicyGuard.rows(model, request);
        Optional<CompletableFuture<?>> unknown = limits.foresee(asker, tier, rows);
        if (unknown.isPresent()) {
            return Optional.of(unknown.get());
        }
        // A batch costs what its rows would cost one by one.
        long work = Math.max(1, price * rows);
        var question =
                new Question(asker, tier, rows, GivenSolution.question(model, request), work);
        return Optional.of(
                tried(question, given.orElseThrow(() -> due(question, "rows cost work now"))));
    }

    private long price(Caller caller) throws RefusedException {
        return accounts.use(
                Accounts.id(caller.identity()),
                account -> Account.price(account.evidence(), policy.ladder()));
    }

    private record Question(Asker asker, Tier tier, long rows, Digest digest, long work) {}

    private CompletionStage<?> tried(Question question, GivenSolution given)
            throws RefusedException {
        Runnable giveBack = limits.takeRates(question.asker(), question.tier(), question.rows());
        try {
            return switch (desk.take(
                    question.asker(), question.digest(), question.work(), given.text())) {
                case Taken.Checking(var verdict) -> checked(question, given, verdict, giveBack);
                case Taken.Faulty(Fault fault) -> throw due(question, why(fault));
            };
        } catch (RefusedException e) {
            giveBack.run(); // it cost no hash
            throw e;
        }
    }

    private static String why(Fault fault) {
        return switch (fault) {
            case EXPIRED_OR_ANOTHERS ->
                    "that puzzle is over, or was for another caller or question";
            case TOO_EASY -> "rows cost more work by now";
            case USED -> "that puzzle was tried already";
        };
    }

    private CompletionStage<?> checked(
            Question question,
            GivenSolution given,
            CompletableFuture<Verdict> verdict,
            Runnable giveBack) {
        var outcome = new CompletableFuture<Void>();
        var _ =
                verdict.thenAccept(known -> {
                    switch (known) {
                        case RIGHT -> {
                            given.accept();
                            giveBack.run(); // the answer costs it
                            outcome.complete(null);
                        }
                        case WRONG ->
                                outcome.completeExceptionally(due(question, "that is no solution"));
                        case UNCHECKED -> {
                            giveBack.run();
                            outcome.completeExceptionally(PuzzleDesk.busy());
                        }
                    }
                });
        return outcome;
    }

    private RefusedException due(Question question, String why) {
        return desk.due(
                policy.puzzle(),
                question.work(),
                question.asker().identity(),
                question.digest(),
                why);
    }
}
