package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.GuestLanes;
import dev.strongroom.enclave.lease.LastWord;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseKeeper;
import dev.strongroom.enclave.lease.LeaseMeter;
import dev.strongroom.enclave.lease.LeaseRenewer;
import dev.strongroom.enclave.lease.LeaseStream;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.rpc.LiveIdentity;
import dev.strongroom.serving.rpc.WithdrawnKeys;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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
    private final LeaseMeter meter;
    private final LeasedModel model;
    private final LiveIdentity identity;
    private final WithdrawnKeys withdrawn = new WithdrawnKeys();
    private final GuestLanes lanes;
    private final LastWord lastWord;
    private final LeaseKeeper keeper;
    private final LeaseStream stream;

    /** What a lease lives on. */
    record Needs(
            VaultLink vault,
            Digest pin,
            Guest guest,
            TrustAnchors anchors,
            NodeMemory memory,
            SecureRandom random) {}

    private LeaseLife(Needs needs, Grant first, Engine engine, LoadedModel loaded) {
        var clock = InstantSource.system();
        this.grant = first;
        this.lanes = new GuestLanes(needs.guest(), MonotonicClock::nanos);
        this.lastWord = new LastWord(needs.vault(), clock, needs.random());
        this.meter =
                new LeaseMeter(first.lease(), first.askedNanos(), clock, MonotonicClock::nanos);
        this.model = new LeasedModel(meter, parts(engine, loaded));
        this.identity = new LiveIdentity(first.tlsKey(), first.tlsChain());
        var renewer =
                new LeaseRenewer(
                        needs.vault(),
                        needs.pin(),
                        lanes.renewals(),
                        needs.anchors(),
                        needs.memory(),
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
                        needs.random());
    }

    /**
     * Begins; returns when the vault has said what there is to say of this lease.
     *
     * @throws LeaseException if it does not say, or says that the lease is over; the model is
     *     closed then
     */
    static LeaseLife begin(Needs needs, Grant first, Engine engine, LoadedModel loaded)
            throws LeaseException {
        var life = new LeaseLife(needs, first, engine, loaded);
        try {
            life.stream.awaitUpToDate(FIRST_WORD);
            return life;
        } catch (LeaseException | RuntimeException e) {
            life.close();
            throw e;
        }
    }

    private LeasedModel.Parts parts(Engine engine, LoadedModel loaded) {
        return new LeasedModel.Parts(
                engine::interrupt,
                engine::close,
                loaded::wipe,
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

    LeasedModel model() {
        return model;
    }

    LiveIdentity identity() {
        return identity;
    }

    WithdrawnKeys withdrawnKeys() {
        return withdrawn;
    }

    /** Where clients' evidence comes from, leaving renewals room. */
    Guest clientsLane() {
        return lanes.clients();
    }

    /** The grant in force. */
    Grant grant() {
        return grant;
    }

    private void renewed(Grant next) {
        grant = next;
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
        withdrawn.add(keys);
        LOG.info("clients.withdrawn keys={}", keys.size());
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
        keeper.close();
        stream.close();
        model.close();
        lastWord.await(LAST_WORD);
        lastWord.close();
    }
}
