package dev.strongroom.redteam;

import dev.strongroom.serving.guard.collude.CollusionGraph;
import dev.strongroom.serving.guard.collude.Standing;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.Detector;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import dev.strongroom.serving.guard.detect.Judgement;
import dev.strongroom.serving.guard.leak.LeakageLedger;
import dev.strongroom.serving.guard.leak.Release;
import dev.strongroom.serving.guard.shape.Rung;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A victim behind the guard's own classes: each account's evidence decides how much of an answer it
 * is given and what it costs. An account has a day's rows at the start, and a day is as many calls
 * as it has rows a day; the transport, rates and sessions are not here.
 */
final class Shield implements Api {
    private static final Instant NOW = Instant.EPOCH;
    private static final int BANDS = 4;

    /** What the guard knows of one account. */
    static final class Account {
        final EvidenceProcess process = new EvidenceProcess();
        final LeakageLedger ledger = new LeakageLedger();
        Rung rung = Rung.CONTRACT;
        double evidence = 1;
        double worst = 1;
        long asked;
        long flaggedAt = -1; // the number of the query that was flagged
        long refused;
        double paid;
        private double rows;
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
        if (!paid(account)) {
            account.refused++;
            return Optional.empty();
        }
        Victim.Answer answer = victim.answer(input);
        judge(number, account, input, answer);
        account.ledger.add(release(account.rung, answer.probabilities().length), 1);
        float[] shown = Shown.on(account.rung).of(answer.probabilities());
        changed += Vectors.best(shown) == answer.label() ? 0 : 1;
        return Optional.of(shown);
    }

    Account account(long number) {
        return accounts.computeIfAbsent(
                number,
                key -> {
                    var account = new Account();
                    account.rows = policy.rowsPerDay();
                    return account;
                });
    }

    /** Answers whose best class is not the victim's. */
    long changed() {
        return changed;
    }

    Standing standing(long number) {
        return graph.standing(number, NOW);
    }

    private boolean paid(Account account) {
        account.rows += policy.quota(account.rung);
        double price = policy.price(account.evidence, account.rung);
        if (account.rows < price) {
            return false;
        }
        account.rows -= price;
        account.paid += price;
        return true;
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
        account.evidence = Math.max(account.process.evidence(), pooled);
        account.worst = Math.max(account.worst, account.evidence);
        account.rung = account.rung.next(account.evidence, policy.ladder());
        if (account.rung == Rung.LABEL && account.flaggedAt < 0) {
            account.flaggedAt = account.asked;
            account.rows *= policy.quota(account.rung);
        }
    }

    private static Release release(Rung rung, int classes) {
        return switch (rung) {
            case CONTRACT -> new Release.Vector(classes);
            case COARSE -> new Release.Rounded(classes, 2);
            case TOP1 -> new Release.BucketedLabel(classes, BANDS);
            case LABEL -> new Release.Label(classes);
        };
    }

    /** What a rung leaves of an answer, as a distribution. */
    enum Shown {
        ALL_DIGITS {
            @Override
            float[] of(float[] probabilities) {
                return probabilities.clone();
            }
        },
        TWO_DIGITS {
            @Override
            float[] of(float[] probabilities) {
                return Rounding.digits(probabilities, 2);
            }
        },
        LABEL_AND_BAND {
            // What a thief makes of a label with a confidence: the rest spread evenly.
            @Override
            float[] of(float[] probabilities) {
                int best = Vectors.best(probabilities);
                float middle = Math.min(((int) (probabilities[best] * BANDS) + 0.5f) / BANDS, 1);
                var shown = new float[probabilities.length];
                Arrays.fill(shown, (1 - middle) / (shown.length - 1));
                shown[best] = middle;
                return shown;
            }
        },
        LABEL {
            @Override
            float[] of(float[] probabilities) {
                return Vectors.oneHot(Vectors.best(probabilities), probabilities.length);
            }
        };

        abstract float[] of(float[] probabilities);

        static Shown on(Rung rung) {
            return switch (rung) {
                case CONTRACT -> ALL_DIGITS;
                case COARSE -> TWO_DIGITS;
                case TOP1 -> LABEL_AND_BAND;
                case LABEL -> LABEL;
            };
        }
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
