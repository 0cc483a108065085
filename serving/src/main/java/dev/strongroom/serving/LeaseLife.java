package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.LastWord;
import dev.strongroom.enclave.lease.LatestOrders;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseKeeper;
import dev.strongroom.enclave.lease.LeaseMeter;
import dev.strongroom.enclave.lease.LeaseRenewer;
import dev.strongroom.enclave.lease.LeaseStream;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.proto.v1.Standing;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.access.LiveIdentity;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.guard.Measures;
import dev.strongroom.serving.guard.detect.Calibration;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease while it runs: renewed before its end, ended by the vault's word, reported when it is
 * over.
 *
 * <p>Thread-safe. The owner closes it after nobody calls the model any more.
 */
final class LeaseLife implements LeaseStream.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseLife.class);
    private static final Duration FIRST_WORD = Duration.ofSeconds(30);
    private static final Duration LAST_WORD = Duration.ofSeconds(3);

    private volatile Grant grant;
    private volatile Grant grantBefore; // of another output policy, if there was one
    private volatile Runnable whenRenewed = () -> {};
    private volatile Runnable whenAliasMoved = () -> {};
    private volatile boolean aliasMoved;
    private final LeaseMeter meter;
    private final LeasedModel model;
    private final Engine engine;
    private final boolean marked;
    private final Optional<Calibration> calibration;
    private final GenerationSettings generation;
    private final byte[] guardKey;
    private final LiveIdentity identity;
    private final LeaseNeeds needs;
    private final LastWord lastWord;
    private final LeaseKeeper keeper;
    private final LeaseStream stream;
    private final Receipts receipts;
    private final Measures measures = new Measures();
    private final LatestOrders orders = new LatestOrders(this::ordered);

    private LeaseLife(LeaseNeeds needs, Grant first, LiveIdentity identity, OpenModel open) {
        var clock = InstantSource.system();
        this.needs = needs;
        this.grant = first;
        this.grantBefore = first;
        this.identity = identity;
        this.engine = open.engine();
        this.marked = open.mark().isPresent();
        this.calibration = open.calibration();
        this.generation = open.generation();
        this.guardKey = open.guardKey();
        this.lastWord = new LastWord(needs.vault(), clock, needs.random());
        this.meter =
                new LeaseMeter(first.lease(), first.askedNanos(), clock, MonotonicClock::nanos);
        this.model = new LeasedModel(meter, parts(open));
        var renewer =
                new LeaseRenewer(
                        needs.vault(),
                        needs.pin(),
                        needs.lanes().renewals(),
                        needs.anchors(),
                        needs.memory(),
                        orders,
                        clock,
                        needs.random());
        this.keeper = LeaseKeeper.start(meter, first, renewer, this::renewed, needs.random());
        this.stream =
                LeaseStream.start(
                        needs.vault(),
                        needs.pin(),
                        needs.anchors(),
                        needs.memory(),
                        first.lease(),
                        this,
                        orders,
                        needs.random());
        this.receipts =
                Receipts.start(
                        policy -> grantNaming(policy).map(Receipts.Signatory::of),
                        open.mark(),
                        clock,
                        needs.random());
    }

    /**
     * Begins; returns when the vault has said what there is to say of this lease.
     *
     * @throws LeaseException if it does not say, or says that the lease is over; the model is
     *     closed then
     */
    static LeaseLife begin(LeaseNeeds needs, Grant first, OpenModel open) throws LeaseException {
        var identity = new LiveIdentity(first.tlsKey(), first.tlsChain());
        return upToDate(new LeaseLife(needs, first, identity, open));
    }

    /**
     * Begins another lease beside this one, for the same TLS key.
     *
     * @param others of the tenant that it is for
     * @throws LeaseException as {@link #begin}
     */
    LeaseLife next(LeaseNeeds others, Grant first, OpenModel open) throws LeaseException {
        return upToDate(new LeaseLife(others, first, identity, open));
    }

    private static LeaseLife upToDate(LeaseLife life) throws LeaseException {
        try {
            life.stream.awaitUpToDate(FIRST_WORD);
            return life;
        } catch (LeaseException | RuntimeException e) {
            life.close();
            throw e;
        }
    }

    private LeasedModel.Parts parts(OpenModel open) {
        return new LeasedModel.Parts(
                engine::interrupt,
                engine::close,
                open.loaded()::wipe,
                open.loaded()::overwrite,
                remains(engine),
                done -> lastWord.say(grant, done),
                () -> Runtime.getRuntime().halt(Exit.INTEGRITY.code()));
    }

    /** What ONNX Runtime and the JDK allocate for themselves is not ours to overwrite. */
    private static List<String> remains(Engine engine) {
        var remains = new ArrayList<String>();
        remains.add("ONNX Runtime's own buffers were freed, not overwritten");
        remains.add("tensors of requests and answers stay on the Java heap until it is used again");
        if (engine.holdsWeights()) {
            remains.add("the session's own copy of the weights was freed, not overwritten");
        }
        return remains;
    }

    /** Whether the weights carry this boot's mark. */
    boolean isMarked() {
        return marked;
    }

    /** What the detector knows of honest queries, if the version has it. */
    Optional<Calibration> calibration() {
        return calibration;
    }

    /** How the version generates, if it does. */
    GenerationSettings generation() {
        return generation;
    }

    /** What the vault has this node hold against callers. */
    Measures measures() {
        return measures;
    }

    /** Key of what guards of the version remember. */
    byte[] guardKey() {
        return guardKey;
    }

    LeasedModel model() {
        return model;
    }

    LiveIdentity identity() {
        return identity;
    }

    Engine engine() {
        return engine;
    }

    /** Signs for answers under the lease in force. */
    Receipts receipts() {
        return receipts;
    }

    /** The grant in force. */
    Grant grant() {
        return grant;
    }

    /** The vault's last word that the lease is not revoked. */
    Optional<Standing> standing() {
        return stream.standing();
    }

    /** The latest grant under which answers went by an output policy. */
    private Optional<Grant> grantNaming(Digest policy) {
        return Stream.of(grant, grantBefore)
                .filter(known -> known.output().reference().digest().equals(policy))
                .findFirst();
    }

    /**
     * Has something done at once whenever another grant is in force.
     *
     * @param quick it never waits
     */
    void whenRenewed(Runnable quick) {
        whenRenewed = quick;
    }

    /**
     * Has something done at once whenever an alias of the model moved, or did so already.
     *
     * @param quick it never waits
     */
    void whenAliasMoved(Runnable quick) {
        whenAliasMoved = quick;
        if (aliasMoved) {
            quick.run();
        }
    }

    /** Has the lease renewed now; nobody waits for it. */
    void renewSoon() {
        keeper.renewSoon();
    }

    private void renewed(Grant next) {
        if (!next.output().reference().equals(grant.output().reference())) {
            grantBefore = grant;
        }
        grant = next;
        whenRenewed.run();
        identity.present(next.tlsChain());
        model.lookAgain();
    }

    @Override
    public boolean listens() {
        return meter.state() == LeaseMeter.State.OPEN;
    }

    @Override
    public void told(Instant vaultTime) {
        meter.told(vaultTime);
        model.lookAgain();
    }

    @Override
    public void withdrawn(List<Digest> keys) {
        needs.withdrawn().add(keys);
        LOG.info("clients.withdrawn keys={}", keys.size());
    }

    @Override
    public void aliasMoved() {
        aliasMoved = true;
        whenAliasMoved.run();
    }

    private void ordered(List<GuardMeasure> all) {
        if (measures.become(all)) {
            LOG.info("guard.measures in-force={}", all.size());
        }
    }

    @Override
    public void revoked(Notice.Revoked why) {
        LOG.warn(
                "lease.revoked rule={} leaf={} reason={}",
                why.rule(),
                why.auditLeaf(),
                why.reason());
        model.revoke(why.rule());
    }

    /** Ends the model if it is open, and gives the vault some seconds to hear of it. */
    @Override
    public void close() {
        receipts.close();
        keeper.close();
        stream.close();
        model.close();
        lastWord.await(LAST_WORD);
        lastWord.close();
    }
}
