package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.Receipt;
import dev.strongroom.crypto.format.ReceiptStatement;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.serving.infer.ReceiptDesk;
import dev.strongroom.serving.infer.RefusedException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Signs for answers with the attested TLS key, one signature for all that wait: who asks alone does
 * not wait for others, and who asks among many shares the cost.
 *
 * <p>Thread-safe. The owner closes it after nobody asks any more.
 */
final class Receipts implements ReceiptDesk, AutoCloseable {
    private static final int MAX_WAITING = 1024;
    private static final Duration BUSY = Duration.ofMillis(100);

    private final Function<Digest, Optional<Signatory>> signatories;
    private final Optional<Digest> mark;
    private final InstantSource clock;
    private final SecureRandom random;
    private final BlockingQueue<Asked> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread signer;
    private volatile boolean closed;

    /**
     * Who signs.
     *
     * @param lease in force
     * @param key the attested TLS key, which the lease names
     * @param presented what proves the lease
     */
    record Signatory(Lease lease, KeyPair key, Grant.Presented presented) {
        static Signatory of(Grant grant) {
            return new Signatory(
                    grant.lease(),
                    new KeyPair(grant.tlsChain().getFirst().getPublicKey(), grant.tlsKey()),
                    grant.presented());
        }
    }

    private record Asked(
            Digest request,
            Digest response,
            Digest policy,
            byte[] salt,
            CompletableFuture<byte[]> receipt) {}

    private Receipts(
            Function<Digest, Optional<Signatory>> signatories,
            Optional<Digest> mark,
            InstantSource clock,
            SecureRandom random) {
        this.signatories = signatories;
        this.mark = mark;
        this.clock = clock;
        this.random = random;
        this.signer = Thread.ofPlatform().name("receipts").daemon().unstarted(this::run);
    }

    /**
     * Starts to sign.
     *
     * @param signatories under the latest lease that names an output policy by its digest
     * @param mark commitment to the mark in this copy of the weights, if it has one
     */
    static Receipts start(
            Function<Digest, Optional<Signatory>> signatories,
            Optional<Digest> mark,
            InstantSource clock,
            SecureRandom random) {
        var receipts = new Receipts(signatories, mark, clock, random);
        receipts.signer.start();
        return receipts;
    }

    @Override
    public CompletionStage<byte[]> issue(Digest request, Digest response, Digest policy)
            throws RefusedException {
        byte[] salt = new byte[Receipt.SALT_BYTES];
        random.nextBytes(salt);
        var asked = new Asked(request, response, policy, salt, new CompletableFuture<>());
        if (!waiting.offer(asked)) {
            throw RefusedException.exhausted(
                    "RECEIPTS_BUSY",
                    MAX_WAITING + " answers wait for receipts; ask again later",
                    BUSY);
        }
        if (closed) {
            refuseWaiting(); // it may have come after the last look
        }
        return asked.receipt();
    }

    @Override
    public void close() {
        signer.interrupt();
    }

    private void run() {
        var batch = new ArrayList<Asked>();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                batch.add(waiting.take());
                waiting.drainTo(batch, ReceiptStatement.MAX_ANSWERS - 1);
                batch.stream().collect(Collectors.groupingBy(Asked::policy)).forEach(this::sign);
                batch.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            refuseWaiting();
        }
    }

    /** Nobody signs any more; who waits must not wait for ever. */
    private void refuseWaiting() {
        for (Asked asked = waiting.poll(); asked != null; asked = waiting.poll()) {
            asked.receipt.completeExceptionally(new IllegalStateException("receipts are closed"));
        }
    }

    private void sign(Digest policy, List<Asked> batch) {
        try {
            var tree = new MerkleTree();
            for (Asked asked : batch) {
                tree.append(
                        MerkleTree.leafHash(
                                Receipt.leaf(asked.salt, asked.request, asked.response)));
            }
            Signatory now = signatories.apply(policy).orElseThrow(Receipts::unnamed);
            byte[] statement = statement(now, policy, batch.size(), tree.root());
            for (int i = 0; i < batch.size(); i++) {
                Asked asked = batch.get(i);
                asked.receipt.complete(
                        receipt(now, statement, asked, i, tree.inclusion(i, tree.size())).encode());
            }
        } catch (SignatureException | RuntimeException | Error e) {
            batch.forEach(asked -> asked.receipt.completeExceptionally(e));
        }
    }

    private static IllegalStateException unnamed() {
        return new IllegalStateException("no lease names the policy that the answer went by");
    }

    private byte[] statement(Signatory now, Digest policy, int answers, Digest root)
            throws SignatureException {
        Lease lease = now.lease();
        return new ReceiptStatement(
                        lease.bootId(),
                        lease.seq(),
                        lease.model(),
                        lease.versionId(),
                        lease.versionNumber(),
                        lease.manifestDigest(),
                        mark,
                        lease.trustLevel(),
                        lease.kekVersion(),
                        policy,
                        lease.releaseLeaf(),
                        lease.auditLeaf(),
                        clock.instant(),
                        answers,
                        root)
                .sign(P256.signer(now.key()))
                .encode();
    }

    private static Receipt receipt(
            Signatory now, byte[] statement, Asked asked, int index, List<Digest> path) {
        InclusionProof proof = now.presented().releaseProof();
        return new Receipt(
                statement,
                now.key().getPublic().getEncoded(),
                index,
                path,
                asked.salt,
                asked.request,
                asked.response,
                now.presented().vaultIdentity(),
                now.presented().lease(),
                new Receipt.LogProof(
                        proof.getLeafIndex(),
                        proof.getLeaf().toByteArray(),
                        proof.getPathList().stream()
                                .map(hash -> Digest.of(hash.toByteArray()))
                                .toList(),
                        proof.getCheckpoint()));
    }
}
