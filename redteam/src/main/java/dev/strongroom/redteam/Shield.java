package dev.strongroom.redteam;

import dev.strongroom.serving.guard.GuardEvents;
import dev.strongroom.serving.guard.GuardMeters;
import dev.strongroom.serving.guard.PolicyGuard;
import dev.strongroom.serving.guard.Restraint;
import dev.strongroom.serving.guard.RowWatch;
import dev.strongroom.serving.guard.Watch;
import dev.strongroom.serving.guard.collude.Standing;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard.Shaped;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A victim behind the guard that a node has, under {@link Policy#RULES}: it admits, judges, prices
 * and shapes. Time is the benchmark's own. What a node has in front of it (transport, networks,
 * sessions) and people's orders are not here.
 */
final class Shield implements Api {
    private static final int WHOLE = 500; // more than any figure has callers
    private static final GuardMeters UNREAD = new GuardMeters(new CompositeMeterRegistry());
    private static final PuzzleDesk IDLE = // the policy asks for no work
            new PuzzleDesk(new SecureRandom(), System::nanoTime, Duration.ofSeconds(1));

    /** What the benchmark notes of one account. */
    static final class Client {
        private final Caller caller;
        double worst = 1; // evidence
        long asked;
        long flaggedAt = -1; // the number of the query that was flagged
        long refused;
        double paid; // times the tier's price, of what was answered

        private Client(Caller caller) {
            this.caller = caller;
        }
    }

    private final Victim victim;
    private final VictimModel model;
    private final Terms terms;
    private final Accounts accounts = new Accounts(WHOLE, WHOLE);
    private final RowWatch watch;
    private final PolicyGuard guard;
    private final Map<Long, Client> clients = new HashMap<>();
    private long nanos;
    private long changed;

    Shield(Victim victim, Calibration calibration, Terms terms, long seed) {
        this.victim = victim;
        this.model = VictimModel.of(victim);
        this.terms = terms;
        InstantSource clock = () -> Instant.EPOCH.plusNanos(nanos);
        this.watch = new RowWatch(calibration, secrets(seed), clock);
        this.guard = guard(clock, seed);
    }

    private PolicyGuard guard(InstantSource clock, long seed) {
        var days = new DayBook(() -> nanos);
        var shared = new SharedLimits(new Ticks(() -> nanos));
        return new PolicyGuard(
                Policy.RULES,
                Policy.RULES.digest(),
                PolicyGuard.Memory.WHOLE,
                new PolicyGuard.Parts(
                        accounts,
                        new Limits(Policy.RULES, accounts, shared, days, days::day),
                        new Shaper(Policy.RULES, Shaping.key(new Random(seed))),
                        new Directions(),
                        IDLE,
                        Watch.of(watch),
                        Restraint.NONE,
                        new GuardEvents(_ -> {}, clock),
                        UNREAD));
    }

    @Override
    public Optional<float[]> ask(long number, float[] input) {
        Client client = client(number);
        client.asked++;
        nanos += terms.pace().toNanos();
        long price = Account.price(evidence(number), Policy.RULES.ladder());
        try {
            InferenceRequest request = VictimModel.request(input);
            admit(client, request);
            client.paid += price;
            Victim.Answer answer = victim.answer(input);
            float[] shown = shown(client, request, answer);
            note(number);
            changed += Vectors.best(shown) == answer.label() ? 0 : 1;
            return Optional.of(Reading.of(shown));
        } catch (RefusedException e) {
            client.refused++;
            return Optional.empty();
        }
    }

    /** The vault's book gives slices at once. */
    private void admit(Client client, InferenceRequest request) throws RefusedException {
        boolean admitted;
        do {
            admitted = guard.admit(client.caller, model, request).isEmpty();
        } while (!admitted);
    }

    private float[] shown(Client client, InferenceRequest request, Victim.Answer answer)
            throws RefusedException {
        Shaped shaped = guard.shape(client.caller, model, request, VictimModel.computed(answer));
        return RowTensor.row(shaped.answer().getFirst());
    }

    private void note(long number) {
        Client client = client(number);
        client.worst = Math.max(client.worst, evidence(number));
        if (client.flaggedAt < 0 && of(number, Account::rung) == Rung.LABEL) {
            client.flaggedAt = client.asked;
        }
    }

    Client client(long number) {
        return clients.computeIfAbsent(
                number,
                key ->
                        new Client(
                                new Caller(
                                        VictimModel.TENANT,
                                        terms.role(),
                                        "c" + key,
                                        "",
                                        "",
                                        VictimModel.TENANT,
                                        "",
                                        key)));
    }

    /** Answers whose best class is not the victim's. */
    long changed() {
        return changed;
    }

    /** The evidence against an account, with its colluders' if it is suspected. */
    double evidence(long number) {
        return of(number, Account::evidence);
    }

    /** By its own queries. */
    double evidenceAlone(long number) {
        long id = client(number).caller.number();
        return accounts.standings().stream()
                .filter(known -> known.id() == id)
                .mapToDouble(known -> known.evidence())
                .findFirst()
                .orElse(1);
    }

    /** What an account was told, in bits at most. */
    double bits(long number) {
        return of(number, account -> account.ledger().bits());
    }

    Standing standing(long number) {
        return watch.standing(client(number).caller.number());
    }

    private <T> T of(long number, Accounts.Use<T> use) {
        try {
            return accounts.use(client(number).caller.number(), use);
        } catch (RefusedException e) {
            throw new IllegalStateException("there is room for all accounts", e);
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
