package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.Standing;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for what the vault says of this boot's lease. Only what the pinned vault signed for this
 * very stream, next in its count, has an effect, and by no key that this node saw replaced;
 * anything else closes the stream and opens another. So does silence. Without a stream nothing is
 * extended: the lease ends by its time and count.
 *
 * <p>Thread-safe; a thread of its own listens. The owner closes it.
 */
public final class LeaseStream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseStream.class);
    private static final Duration SILENCE = Duration.ofSeconds(35); // three ticks and a half
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final int MAX_DOUBLINGS = 7; // then 13 seconds

    /** Whom to tell; called on the stream's thread, to return quickly. */
    public interface Listener {
        /** Whether there is still a lease to hear of. */
        boolean listens();

        /** It is at least this late. */
        void told(Instant vaultTime);

        /** Client certificates for these keys count no more. */
        void withdrawn(List<Digest> keys);

        /** An alias of the lease's model means another version, or did so before the stream. */
        void aliasMoved();

        /** The lease counts no more; nothing comes after. */
        void revoked(Notice.Revoked why);
    }

    private final VaultLink vault;
    private final Digest pin;
    private final TrustAnchors anchors;
    private final NodeMemory memory;
    private final Lease lease;
    private final Listener listener;
    private final LatestOrders orders;
    private final SecureRandom random;
    private final CountDownLatch upToDate = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable BlockingClientCall<?, WatchLeaseResponse> call;
    private volatile @Nullable Standing standing;

    private LeaseStream(
            VaultLink vault,
            Digest pin,
            TrustAnchors anchors,
            NodeMemory memory,
            Lease lease,
            Listener listener,
            LatestOrders orders,
            SecureRandom random) {
        this.vault = vault;
        this.pin = pin;
        this.anchors = anchors;
        this.memory = memory;
        this.lease = lease;
        this.listener = listener;
        this.orders = orders;
        this.random = random;
        this.thread = Thread.ofPlatform().name("lease-stream").daemon().unstarted(this::run);
    }

    /**
     * Begins to listen, and goes on until it is closed or the lease is revoked.
     *
     * @param memory whose newest identity of the vault's the one of each stream must follow
     * @param lease any of this boot
     * @param orders gets what holds against callers
     */
    public static LeaseStream start(
            VaultLink vault,
            Digest pin,
            TrustAnchors anchors,
            NodeMemory memory,
            Lease lease,
            Listener listener,
            LatestOrders orders,
            SecureRandom random) {
        var stream = new LeaseStream(vault, pin, anchors, memory, lease, listener, orders, random);
        stream.thread.start();
        return stream;
    }

    /**
     * Waits until everything that the vault had to say at first was heard.
     *
     * @throws LeaseException UNREACHABLE if it was not in time
     */
    public void awaitUpToDate(Duration atMost) throws LeaseException {
        try {
            if (upToDate.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new LeaseException(
                LeaseException.Kind.UNREACHABLE,
                "the vault does not say what became of this lease and whose certificates were"
                        + " withdrawn; check the connection to it");
    }

    /**
     * The vault's last word that this lease is not revoked, for clients; empty before the first.
     */
    public Optional<Standing> standing() {
        return Optional.ofNullable(standing);
    }

    @Override
    public void close() {
        closed.countDown();
        BlockingClientCall<?, WatchLeaseResponse> open = call;
        if (open != null) {
            open.cancel("closed", null);
        }
        thread.interrupt();
    }

    private void run() {
        int failures = 0;
        while (closed.getCount() > 0 && listener.listens()) {
            try {
                if (listen()) {
                    return;
                }
                failures = 0; // it was open for a while
            } catch (StatusException
                    | LeaseException
                    | IOException
                    | TimeoutException
                    | RuntimeException e) {
                failures++;
                LOG.info("lease.stream-lost attempt={} {}", failures, e.getMessage());
            } catch (Error e) { // nobody else hears that the lease is revoked
                failures++;
                LOG.error("lease.stream-lost attempt={} {}", failures, e.getClass().getName());
            } catch (InterruptedException e) {
                return;
            }
            if (pause(failures)) {
                return;
            }
        }
    }

    /** True when closed meanwhile. */
    private boolean pause(int failures) {
        long base = FIRST_RETRY_MILLIS << Math.min(failures, MAX_DOUBLINGS);
        try {
            return closed.await(base / 2 + random.nextLong(base), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Listens to one stream to its end; true when nothing more can come. */
    private boolean listen()
            throws StatusException,
                    LeaseException,
                    IOException,
                    TimeoutException,
                    InterruptedException {
        byte[] stream = new byte[Notice.STREAM_BYTES];
        random.nextBytes(stream);
        BlockingClientCall<?, WatchLeaseResponse> open =
                vault.watch(
                        WatchLeaseRequest.newBuilder()
                                .setModel(lease.model().toString())
                                .setBootId(ByteString.copyFrom(lease.bootId()))
                                .setStream(ByteString.copyFrom(stream))
                                .build());
        call = open;
        try {
            return listen(open, stream);
        } finally {
            open.cancel("another stream", null);
        }
    }

    private boolean listen(BlockingClientCall<?, WatchLeaseResponse> open, byte[] stream)
            throws StatusException,
                    LeaseException,
                    IOException,
                    TimeoutException,
                    InterruptedException {
        WatchLeaseResponse first = read(open);
        if (first == null) {
            return false;
        }
        VaultIdentity identity =
                Vaults.identity(first.getVaultIdentity(), pin, anchors, memory, vault);
        var gathering = new Gathering();
        long count = 0;
        for (WatchLeaseResponse next = first; next != null; next = read(open)) {
            count++;
            Notice notice = notice(next, identity);
            Integrity.require(
                    Arrays.equals(notice.stream(), stream)
                            && Arrays.equals(notice.bootId(), lease.bootId())
                            && notice.count() == count,
                    "notice: it is not the next of this stream");
            if (notice.message() instanceof Notice.Tick) {
                standing =
                        Standing.newBuilder()
                                .setNotice(next.getNotice())
                                .setVaultIdentity(first.getVaultIdentity())
                                .build();
            }
            if (hear(notice, gathering)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable WatchLeaseResponse read(BlockingClientCall<?, WatchLeaseResponse> open)
            throws StatusException, TimeoutException, InterruptedException {
        return open.read(SILENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static Notice notice(WatchLeaseResponse response, VaultIdentity identity)
            throws LeaseException {
        return Integrity.verified(
                "notice",
                () ->
                        Notice.verify(
                                Dsse.decode(response.getNotice().toByteArray()),
                                identity.signingSpki()));
    }

    /** Measures come in parts; a stream that told of none before its first tick has none. */
    private final class Gathering {
        private final List<GuardMeasure> parts = new ArrayList<>();
        private boolean told;
        private Instant at = Instant.MIN;

        void add(Notice.Measures message, Instant time) {
            at = parts.isEmpty() ? time : at;
            parts.addAll(message.some());
            if (message.more() == 0) {
                tell();
            }
        }

        void tick(Instant time) {
            if (!told) {
                at = time;
                tell();
            }
        }

        private void tell() {
            told = true;
            orders.hear(LatestOrders.Way.STREAM, at, List.copyOf(parts));
            parts.clear();
        }
    }

    /** True for the last one. */
    private boolean hear(Notice notice, Gathering gathering) {
        listener.told(notice.time());
        switch (notice.message()) {
            case Notice.Tick _ -> {
                gathering.tick(notice.time());
                upToDate.countDown();
            }
            case Notice.Measures measures -> gathering.add(measures, notice.time());
            case Notice.Withdrawn(List<Digest> keys) -> listener.withdrawn(keys);
            case Notice.AliasMoved _ -> listener.aliasMoved();
            case Notice.Revoked revoked -> {
                listener.revoked(revoked);
                upToDate.countDown();
                return true;
            }
        }
        return false;
    }
}
