package dev.strongroom.serving.guard;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk.Fault;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk.Taken;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.GivenSolution;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Has callers whose rows cost more than one compute as many hashes before they are answered, where
 * the owner's policy says so. Thread-safe; never blocks.
 */
record Toll(PuzzleDesk desk, OutputPolicy policy, Accounts accounts) {
    /**
     * Asks for work, or has a solution checked.
     *
     * @return empty: nothing is due, or it is paid; else ask again when this completes
     * @throws RefusedException PUZZLE_DUE, PUZZLE_MALFORMED, PUZZLES_BUSY
     */
    Optional<CompletionStage<?>> take(Caller caller, ServedModel model, InferenceRequest request)
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
        // A batch costs what its rows would cost one by one.
        long work = Math.max(1, price * PolicyGuard.rows(model, request));
        var question = new Question(caller, GivenSolution.question(model, request), work);
        return Optional.of(
                check(question, given.orElseThrow(() -> due(question, "rows cost work now"))));
    }

    private long price(Caller caller) throws RefusedException {
        return accounts.use(
                Accounts.id(caller.identity()),
                account -> Account.price(account.evidence(), policy.ladder()));
    }

    private record Question(Caller caller, Digest digest, long work) {}

    private CompletionStage<?> check(Question question, GivenSolution given)
            throws RefusedException {
        String identity = question.caller().identity();
        return switch (desk.take(identity, question.digest(), question.work(), given.text())) {
            case Taken.Checking(var right) -> accepted(question, given, right);
            case Taken.Faulty(Fault fault) ->
                    throw due(
                            question,
                            switch (fault) {
                                case EXPIRED_OR_ANOTHERS ->
                                        "that puzzle is over, or was for another caller or question";
                                case TOO_EASY -> "rows cost more work by now";
                                case USED -> "that puzzle was tried already";
                            });
        };
    }

    private CompletionStage<?> accepted(
            Question question, GivenSolution given, CompletableFuture<Boolean> right) {
        var outcome = new CompletableFuture<Void>();
        var _ =
                right.whenComplete((isRight, _) -> {
                    if (Boolean.TRUE.equals(isRight)) {
                        given.accept();
                        outcome.complete(null);
                    } else {
                        outcome.completeExceptionally(due(question, "that is no solution"));
                    }
                });
        return outcome;
    }

    private RefusedException due(Question question, String why) {
        return desk.due(
                policy.puzzle(),
                question.work(),
                question.caller().identity(),
                question.digest(),
                why);
    }
}
