package dev.strongroom.redteam;

import dev.strongroom.serving.guard.collude.CollusionGraph;
import dev.strongroom.serving.guard.collude.Standing;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.Detector;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import dev.strongroom.serving.guard.detect.Judgement;
import dev.strongroom.serving.guard.leak.LeakageLedger;
import dev.strongroom.serving.guard.leak.Release;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A victim behind the guard's own classes: each account's evidence decides how much of an answer it
 * is given. Time does not pass; quotas are shares of the calls.
 */
final class Shield implements Api {
    private static final Instant NOW = Instant.EPOCH;
    private static final int BUCKETS = 4;

    /** What the guard knows of one account. */
    static final class Account {
        final EvidenceProcess process = new EvidenceProcess();
        final LeakageLedger ledger = new LeakageLedger();
        double worst = 1;
        long asked;
        long flaggedAt = -1; // the number of the query that was flagged
        double bitsAtFlag;
        long refused;
        private double allowance;
    }

    private final Victim victim;
    private final Policy policy;
    private final Detector detector;
    private final CollusionGraph graph = new CollusionGraph(Duration.ofDays(1), 100_000);
    private long changed;
    private final Map<Long, Account> accounts = new HashMap<>();

    Shield(Victim victim, Calibration calibration, Policy policy, long seed) {
        this.victim = victim;
        this.policy = policy;
        this.detector = new Detector(calibration, secrets(seed));
    }

    @Override
    public Optional<float[]> ask(long number, float[] input) {
        Account account = account(number);
        account.asked++;
        if (account.flaggedAt >= 0 && !withinQuota(account)) {
            account.refused++;
            return Optional.empty();
        }
        Victim.Answer answer = victim.answer(input);
        judge(number, account, input, answer);
        float[] shown = shown(account, answer.probabilities());
        changed += Vectors.best(shown) == answer.label() ? 0 : 1;
        return Optional.of(shown);
    }

    Account account(long number) {
        return accounts.computeIfAbsent(number, key -> new Account());
    }

    /** Answers whose best class is not the victim's. */
    long changed() {
        return changed;
    }

    Standing standing(long number) {
        return graph.standing(number, NOW);
    }

    private void judge(long number, Account account, float[] input, Victim.Answer answer) {
        switch (detector.judge(number, input, answer.features(), answer.probabilities())) {
            case Judgement.Repeated() -> {}
            case Judgement.Echoed(var p) -> account.process.add(p);
            case Judgement.Judged(var p, var copies) -> {
                account.process.add(p);
                copies.ifPresentOrElse(
                        other -> graph.link(number, other, NOW), () -> graph.add(number, p, NOW));
            }
        }
        double pooled = graph.standing(number, NOW).evidence();
        account.worst = Math.max(account.worst, Math.max(account.process.evidence(), pooled));
        if (account.worst >= policy.flagAt() && account.flaggedAt < 0) {
            account.flaggedAt = account.asked;
            account.bitsAtFlag = account.ledger.bits();
        }
    }

    private boolean withinQuota(Account account) {
        account.allowance += policy.quotaShare();
        if (account.allowance < 1) {
            return false;
        }
        account.allowance -= 1;
        return true;
    }

    private float[] shown(Account account, float[] probabilities) {
        int classes = probabilities.length;
        if (account.worst >= policy.flagAt()) {
            account.ledger.add(new Release.Label(classes), 1);
            return Vectors.oneHot(Vectors.best(probabilities), classes);
        }
        if (account.worst >= policy.labelAt()) {
            account.ledger.add(new Release.BucketedLabel(classes, BUCKETS), 1);
            return bucketed(probabilities);
        }
        if (account.worst >= policy.roundAt()) {
            account.ledger.add(new Release.Rounded(classes, 2), 1);
            return Rounding.digits(probabilities, 2);
        }
        account.ledger.add(new Release.Vector(classes), 1);
        return probabilities.clone();
    }

    /** What a thief makes of a label with a confidence: the rest spread evenly. */
    private static float[] bucketed(float[] probabilities) {
        int best = Vectors.best(probabilities);
        float middle = ((int) (probabilities[best] * BUCKETS) + 0.5f) / BUCKETS;
        var shown = new float[probabilities.length];
        java.util.Arrays.fill(shown, (1 - Math.min(middle, 1)) / (shown.length - 1));
        shown[best] = Math.min(middle, 1);
        return shown;
    }

    static SecureRandom secrets(long seed) {
        try {
            var random = SecureRandom.getInstance("SHA1PRNG"); // repeatable from a seed
            random.setSeed(seed);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA1PRNG", e);
        }
    }
}
