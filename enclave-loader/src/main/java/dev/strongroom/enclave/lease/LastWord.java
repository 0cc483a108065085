package dev.strongroom.enclave.lease;

import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.Zeroisation;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the vault that this boot has overwritten what it held open, in a statement that the
 * attested TLS key signs. A vault that does not answer, or has too much to do, is asked again for
 * as long as this process runs.
 *
 * <p>Thread-safe. The owner closes it.
 */
public final class LastWord implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LastWord.class);
    private static final long FIRST_RETRY_MILLIS = 200;
    private static final int MAX_DOUBLINGS = 9; // then less than two minutes

    private final VaultLink vault;
    private final InstantSource clock;
    private final SecureRandom random;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    public LastWord(VaultLink vault, InstantSource clock, SecureRandom random) {
        this.vault = vault;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What was done.
     *
     * @param rule why, such as {@code lease.expired}
     * @param inferences that this boot answered
     * @param wipedBytes of protected memory
     * @param remains what was freed and not overwritten
     */
    public record Done(String rule, long inferences, long wipedBytes, List<String> remains) {}

    /** Signs and reports, in the background; once. */
    public void say(Grant last, Done done) {
        Thread.ofPlatform()
                .name("last-word")
                .daemon()
                .start(() -> {
                    try {
                        report(last, sign(last, done));
                    } catch (SignatureException e) {
                        LOG.error("zeroisation.not-signed", e);
                    } finally {
                        over.countDown();
                    }
                });
    }

    /** Waits until the vault has the statement, or will not take it, or the time is up. */
    public void await(Duration atMost) {
        try {
            boolean _ = over.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private byte[] sign(Grant last, Done done) throws SignatureException {
        Lease lease = last.lease();
        var key = new KeyPair(last.tlsChain().getFirst().getPublicKey(), last.tlsKey());
        return new Zeroisation(
                        lease.bootId(),
                        lease.seq(),
                        lease.model(),
                        lease.versionId(),
                        lease.manifestDigest(),
                        lease.releaseLeaf(),
                        done.rule(),
                        clock.instant(),
                        done.inferences(),
                        done.wipedBytes(),
                        done.remains())
                .sign(P256.signer(key))
                .encode();
    }

    private void report(Grant last, byte[] statement) {
        for (int failures = 0; ; failures++) {
            try {
                long leaf = vault.report(last.lease().model(), statement, last.tlsSpki());
                LOG.info("zeroisation.reported leaf={}", leaf);
                return;
            } catch (LeaseException e) {
                LOG.warn("zeroisation.not-reported {}", e.getMessage());
                if (isFinal(e.kind()) || pause(failures)) {
                    return;
                }
            }
        }
    }

    /** A vault that is down or has too much to do is asked again, after growing pauses. */
    private static boolean isFinal(LeaseException.Kind kind) {
        return switch (kind) {
            case UNREACHABLE, BUSY -> false;
            case NOT_FOUND, DENIED, INTEGRITY -> true;
        };
    }

    /** True when closed meanwhile. */
    private boolean pause(int failures) {
        long base = FIRST_RETRY_MILLIS << Math.min(failures, MAX_DOUBLINGS);
        try {
            return closed.await(base / 2 + random.nextLong(base), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
