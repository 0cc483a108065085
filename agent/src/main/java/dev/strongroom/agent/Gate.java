package dev.strongroom.agent;

import dev.strongroom.agent.DeniedException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes: limits for each peer first; then, when a rule refuses, a record with
 * the rule's name, of which the sender learns the number.
 *
 * <p>Thread-safe.
 */
final class Gate {
    /** Refusals of one peer that are looked at and written down; further ones have to wait. */
    static final int MAX_REFUSALS = 30;

    private static final int MAX_RECORDED = 1000; // of all peers, an hour: half a megabyte
    private static final int MAX_REQUESTS = 120; // of one peer, a minute
    private static final String EVERYBODY = "*";
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Decisions decisions;
    private final PeerPace requests;
    private final PeerPace refusals;
    private final Windows recorded;

    /** One request's work. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws Refusal, IOException, DeniedException;
    }

    Gate(Decisions decisions, InstantSource clock) {
        this.decisions = decisions;
        this.requests = new PeerPace(MAX_REQUESTS, Duration.ofMinutes(1), clock);
        this.refusals = new PeerPace(MAX_REFUSALS, Duration.ofMinutes(10), clock);
        this.recorded = new Windows(Duration.ofHours(1), clock);
    }

    /**
     * Lets a request through to its work.
     *
     * @param asked what a refusal's record says of the request
     */
    <T> T pass(String peer, Map<String, String> asked, Step<T> step) throws DeniedException {
        requirePace(peer);
        try {
            return step.run();
        } catch (Refusal refusal) {
            throw refused(peer, asked, refusal);
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    /** Refuses who asks or fails too often. */
    void requirePace(String peer) throws DeniedException {
        if (!requests.step(peer) || refusals.isExhausted(peer)) {
            throw new DeniedException(
                    Kind.TOO_MANY, "too many requests or refusals; try again in some minutes");
        }
    }

    private DeniedException refused(String peer, Map<String, String> asked, Refusal refusal) {
        LOG.info("request.refused peer={} rule={}", peer, refusal.rule());
        refusals.step(peer);
        if (!isRecordable()) {
            return new DeniedException(Kind.TOO_MANY, "too many refusals; try again in an hour");
        }
        var fields = new TreeMap<>(asked);
        fields.put("rule", refusal.rule());
        fields.put("why", Records.text(String.valueOf(refusal.getMessage())));
        try {
            return new DeniedException(
                    Kind.REFUSED,
                    "refused by decision "
                            + decisions.write(Records.REFUSED, peer, fields)
                            + "; the agent's owner finds the rule in its log");
        } catch (IOException e) {
            return unwritten(e);
        }
    }

    private synchronized boolean isRecordable() {
        if (recorded.steps(EVERYBODY) >= MAX_RECORDED) {
            return false;
        }
        recorded.step(EVERYBODY);
        return true;
    }

    private static DeniedException unwritten(IOException cause) {
        LOG.error("log.unwritable nothing is decided", cause);
        return new DeniedException(Kind.FAILED, "the agent could not write its decision down");
    }
}
