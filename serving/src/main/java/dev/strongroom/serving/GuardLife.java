package dev.strongroom.serving;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.serving.guard.GuardEvents;
import dev.strongroom.serving.guard.GuardMeters;
import dev.strongroom.serving.guard.LiveGuard;
import dev.strongroom.serving.guard.PolicyGuard;
import dev.strongroom.serving.guard.PolicyGuard.Memory;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.leak.VersionDirections;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.LeasePeriod;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Slice;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.guard.state.StateKeeper;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.Lasting;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard of a node's model: goes by the output policy of the lease in force, follows it when a
 * renewal brings another, and leaves what it knows at the vault.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class GuardLife implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardLife.class);
    private static final Logger EVENTS = LoggerFactory.getLogger("strongroom.events");
    private static final long SAVE_SECONDS = 15; // evidence that a crash forgets
    private static final int SAVES_A_RENEWAL = 4; // while the owner's policy is not enforced here

    private final CurrentLife current;
    private final LeaseNeeds needs;
    private final DataFolder folder;
    private final GuardEvents events;
    private final GuardMeters meters;
    private final Accounts accounts = new Accounts(Accounts.WHOLE, Accounts.ALL);
    private final SharedLimits shared;
    private final BudgetPeriod period = new BudgetPeriod(MonotonicClock::nanos);
    private final ReentrantLock saving = new ReentrantLock(); // before this object's own
    private final ScheduledThreadPoolExecutor saver =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("guard-state").daemon().factory());
    private final LeasePeriod inForce =
            new LeasePeriod() {
                @Override
                public long number() {
                    return period.of(current.grant().lease());
                }

                @Override
                public Optional<Duration> left() {
                    return Optional.of(period.left());
                }
            };
    private final Runnable revised;
    private final LiveGuard guard;
    private volatile OutputPolicy rules; // that are enforced here
    private LeaseLife life;
    private StateKeeper keeper;
    private VersionDirections seen;
    private WatchedRows rows;
    private VerifiedPolicy policy; // the last one that is enforced here
    private PolicyReference looked; // at the policy in force, enforced or not
    private Memory memory;
    private int saves;

    private GuardLife(
            CurrentLife current,
            LeaseNeeds needs,
            DataFolder folder,
            MeterRegistry registry,
            Runnable revised)
            throws NodeException, IOException {
        this.revised = revised;
        this.current = current;
        this.needs = needs;
        this.shared = new SharedLimits(needs.rates());
        this.folder = folder;
        this.events = new GuardEvents(EVENTS::info, InstantSource.system());
        this.meters = new GuardMeters(registry);
        this.life = current.get();
        this.rows = WatchedRows.of(life, needs.random());
        this.seen = VersionDirections.of(life.grant().lease().versionId());
        this.keeper = keeper(life, seen.directions());
        this.policy = life.grant().output();
        this.looked = policy.reference();
        this.rules = OwnersRules.enforced(policy, life);
        this.memory = keeper.begin(accounts, rules, policy.document().seq());
        this.guard = new LiveGuard(version(), guard(rules));
    }

    /**
     * Begins to guard.
     *
     * @param registry of rates by model and tier
     * @param revised told when other rules are in force; it waits for nothing
     * @throws NodeException DENIED if the owner's output policy is none
     */
    static GuardLife begin(
            CurrentLife current,
            LeaseNeeds needs,
            DataFolder folder,
            MeterRegistry registry,
            Runnable revised)
            throws NodeException, IOException {
        var life = new GuardLife(current, needs, folder, registry, revised);
        life.life.whenRenewed(life::look);
        life.look();
        var _ =
                life.saver.scheduleWithFixedDelay(
                        Lasting.look(LOG, "guard.not_kept", life::keep),
                        SAVE_SECONDS,
                        SAVE_SECONDS,
                        TimeUnit.SECONDS);
        LOG.info(
                "guard.started policy-seq={} memory={}", life.policy.document().seq(), life.memory);
        return life;
    }

    Guard guard() {
        return guard;
    }

    /** The last rules that are enforced here. */
    OutputPolicy policy() {
        return rules;
    }

    /**
     * A later version is served: what is held against callers stays, and is kept with it. When this
     * fails, everything is as it was.
     */
    void follow(LeaseLife next) throws NodeException, IOException {
        saving.lock();
        try {
            save();
            VerifiedPolicy of = next.grant().output();
            OutputPolicy rules = OwnersRules.enforced(of, next);
            VersionDirections shown = seen(next);
            StateKeeper later = keeper(next, shown.directions());
            later.goOn(accounts, rules, of.document().seq());
            become(next, later, shown, of, rules);
        } finally {
            saving.unlock();
        }
        next.whenRenewed(this::look);
        look();
    }

    private synchronized VersionDirections seen(LeaseLife next) {
        return seen.before(next.grant().lease().versionId());
    }

    private synchronized void become(
            LeaseLife next,
            StateKeeper later,
            VersionDirections ofVersion,
            VerifiedPolicy of,
            OutputPolicy rules) {
        life = next;
        rows = WatchedRows.of(next, needs.random());
        keeper = later;
        seen = ofVersion;
        go(of, rules);
    }

    private StateKeeper keeper(LeaseLife of, Directions seen) throws IOException {
        Lease lease = of.grant().lease();
        return new StateKeeper(
                new GuardStore(needs.vault().guards(), lease),
                of.guardKey(),
                lease.model() + "/" + lease.versionId().hex(),
                folder.guardState(lease.model().tenant(), lease.versionId()),
                seen,
                needs.random());
    }

    private PolicyGuard guard(OutputPolicy rules) {
        long seq = policy.document().seq();
        return new PolicyGuard(
                rules,
                policy.reference().digest(),
                memory,
                new PolicyGuard.Parts(
                        accounts,
                        new Limits(rules, accounts, shared, this::take, inForce),
                        new Shaper(rules, new SecretKeySpec(life.guardKey(), "HmacSHA256")),
                        seen.directions(),
                        needs.puzzles(),
                        rows.under(rules),
                        life.measures().under(seq, Set.copyOf(rules.pardons())),
                        events,
                        meters));
    }

    private CompletableFuture<Slice> take(String identity, long perDay, long wanted) {
        return needs.vault()
                .guards()
                .takeRows(current.grant().lease(), identity, perDay, wanted)
                .thenApply(rows -> new Slice(rows.rows(), rows.dayLeft()));
    }

    /**
     * Goes by the policy of the lease in force; waits for nothing but memory. Where this build does
     * not do what it asks for, nobody is answered: the one before is not the owner's word any more.
     */
    private synchronized void look() {
        VerifiedPolicy now = life.grant().output();
        if (now.reference().equals(looked)) {
            return;
        }
        looked = now.reference();
        try {
            go(now, OwnersRules.enforced(now, life));
        } catch (NodeException | RuntimeException | Error e) {
            guard.withhold();
            LOG.error("guard.policy_refused no answers until its owner sets another one", e);
        }
    }

    private void keep() {
        look();
        askForAnother();
        saving.lock();
        try {
            save();
        } catch (RuntimeException e) {
            LOG.error("guard.state_not_saved it is tried again", e);
        } finally {
            saving.unlock();
        }
    }

    /** A policy that is corrected comes with a renewal, which may be half a day away. */
    private synchronized void askForAnother() {
        saves++;
        if (!looked.equals(policy.reference()) && saves % SAVES_A_RENEWAL == 0) {
            life.renewSoon();
        }
    }

    private void go(VerifiedPolicy now, OutputPolicy next) {
        if (now.document().seq() > policy.document().seq()) {
            memory = Memory.WHOLE; // the owner has signed since it was lost
            next.pardons().forEach(identity -> accounts.pardon(Accounts.id(identity)));
        }
        policy = now;
        looked = now.reference();
        guard.follow(version(), guard(next));
        rules = next;
        needs.rates().revise();
        revised.run();
        LOG.info("guard.follows policy-seq={}", now.document().seq());
    }

    private String version() {
        return Long.toString(life.grant().lease().versionNumber());
    }

    /**
     * Under the lock for it, and under no other: the vault may be slow. It takes no state of a
     * model whose lease is over; the next lease brings the occasion.
     */
    private void save() {
        StateKeeper to;
        Memory known;
        long seq;
        synchronized (this) {
            if (!life.listens()) {
                return;
            }
            to = keeper;
            known = memory;
            seq = policy.document().seq();
        }
        try {
            to.save(accounts, known, seq);
        } catch (IOException e) {
            LOG.warn("guard.state_not_saved it is tried again: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        saver.shutdownNow();
        keep();
    }
}
