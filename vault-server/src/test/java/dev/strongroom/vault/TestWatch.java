package dev.strongroom.vault;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import dev.strongroom.vault.watch.LeaseWatches;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A node's stream of notices, read one at a time and checked as a node checks them. */
final class TestWatch implements AutoCloseable {
    /** Sooner than with the next tick, so that it was an event's doing. */
    static final Duration AT_ONCE = LeaseWatches.TICK.dividedBy(2);

    private static final long DEADLINE_SECONDS = 20;

    private final BlockingClientCall<?, WatchLeaseResponse> call;
    private final byte[] stream = new byte[Notice.STREAM_BYTES];
    private final TestNode node;
    private long count;
    private byte[] signer = new byte[0];

    TestWatch(TestNode node, String model) {
        this.node = node;
        TestOwner.RANDOM.nextBytes(stream);
        this.call =
                ReleaseGrpc.newBlockingV2Stub(node.vault.connect(node.identity))
                        .watchLease(
                                WatchLeaseRequest.newBuilder()
                                        .setModel(model)
                                        .setBootId(ByteString.copyFrom(node.bootId))
                                        .setStream(ByteString.copyFrom(stream))
                                        .build());
    }

    /** The next notice of the stream. */
    Notice next() throws Exception {
        WatchLeaseResponse response = call.read(DEADLINE_SECONDS, TimeUnit.SECONDS);
        if (response == null) {
            throw new IllegalStateException("the stream ended");
        }
        Notice notice = verified(response);
        count++;
        if (notice.count() != count
                || !java.util.Arrays.equals(notice.stream(), stream)
                || !java.util.Arrays.equals(notice.bootId(), node.bootId)) {
            throw new IllegalStateException("not the next notice of this stream");
        }
        return notice;
    }

    private Notice verified(WatchLeaseResponse response) throws SealedFormatException {
        if (!response.getVaultIdentity().isEmpty()) {
            byte[] envelope = response.getVaultIdentity().toByteArray();
            signer = VaultIdentity.verify(Dsse.decode(envelope), node.vault.pin).signingSpki();
        }
        return Notice.verify(Dsse.decode(response.getNotice().toByteArray()), signer);
    }

    /** The next message of a kind; others before it are skipped. */
    <M extends Notice.Message> M next(Class<M> kind) throws Exception {
        while (true) {
            Notice.Message message = next().message();
            if (kind.isInstance(message)) {
                return kind.cast(message);
            }
        }
    }

    /** True when the vault ended the stream in order. */
    boolean hasEnded() throws Exception {
        return call.read(DEADLINE_SECONDS, TimeUnit.SECONDS) == null;
    }

    @Override
    public void close() {
        call.cancel("test", null);
    }
}
