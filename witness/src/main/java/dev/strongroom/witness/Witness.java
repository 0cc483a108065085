package dev.strongroom.witness;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.AddCheckpoint;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.MerkleTree;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cosigns a checkpoint when the log signed it and it continues the last one cosigned (C2SP
 * tlog-witness, {@code add-checkpoint}). The new one is durable before the signature exists, so
 * that no crash lets it sign two histories.
 *
 * <p>Thread-safe: one checkpoint at a time.
 */
final class Witness {
    private static final Logger LOG = LoggerFactory.getLogger(Witness.class);
    private static final Checkpoint NOTHING_SEEN = new Checkpoint("-", 0, MerkleTree.EMPTY_ROOT);

    private final Cosigner cosigner;
    private final List<LogKey> logs;
    private final CheckpointFolder seen;
    private final InstantSource clock;
    private final ReentrantLock deciding = new ReentrantLock();

    Witness(Cosigner cosigner, List<LogKey> logs, CheckpointFolder seen, InstantSource clock) {
        this.cosigner = cosigner;
        this.logs = List.copyOf(logs);
        this.seen = seen;
        this.clock = clock;
    }

    /**
     * Answers one request.
     *
     * @throws IOException when what was seen cannot be read or written: nothing was signed
     */
    WitnessAnswer answer(byte[] body) throws IOException {
        AddCheckpoint request;
        try {
            request = AddCheckpoint.decode(body);
        } catch (SealedFormatException e) {
            return new WitnessAnswer.Malformed(String.valueOf(e.getMessage()));
        }
        Checkpoint shown = request.checkpoint().checkpoint();
        List<LogKey> keys =
                logs.stream().filter(log -> log.key().name().equals(shown.origin())).toList();
        if (keys.isEmpty()) {
            return new WitnessAnswer.UnknownLog();
        }
        if (keys.stream().noneMatch(key -> key.signed(request.checkpoint()))) {
            return new WitnessAnswer.Unsigned();
        }
        if (request.oldSize() > shown.size()) {
            return new WitnessAnswer.Malformed("the old size is larger than the checkpoint's");
        }
        deciding.lock();
        try {
            return decide(request);
        } finally {
            deciding.unlock();
        }
    }

    private WitnessAnswer decide(AddCheckpoint request) throws IOException {
        Checkpoint shown = request.checkpoint().checkpoint();
        Checkpoint last = seen.last(shown.origin()).orElse(NOTHING_SEEN);
        if (request.oldSize() != last.size()) {
            return new WitnessAnswer.Conflict(last.size());
        }
        if (shown.size() == last.size() && !shown.root().equals(last.root())) {
            LOG.error(
                    "log.two-histories origin={} size={} root={} other-root={} note={}",
                    shown.origin(),
                    shown.size(),
                    last.root(),
                    shown.root(),
                    request.checkpoint().note());
            return new WitnessAnswer.Conflict(last.size());
        }
        if (!MerkleProofs.verifyConsistency(
                last.size(), last.root(), shown.size(), shown.root(), request.proof())) {
            LOG.warn(
                    "log.unproven origin={} size={} last={}",
                    shown.origin(),
                    shown.size(),
                    last.size());
            return new WitnessAnswer.Unproven();
        }
        seen.remember(request.checkpoint());
        return new WitnessAnswer.Cosigned(cosigner.cosign(shown, clock.instant()));
    }
}
