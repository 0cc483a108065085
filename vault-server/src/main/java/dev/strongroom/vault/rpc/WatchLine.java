package dev.strongroom.vault.rpc;

import dev.strongroom.proto.v1.WatchLeaseResponse;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.watch.LeaseWatch;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The stream of one watching node.
 *
 * <p>Thread-safe: {@code LeaseWatch} sends from a thread of its own, gRPC ends from another.
 */
final class WatchLine implements LeaseWatch.Line {
    private final ServerCallStreamObserver<WatchLeaseResponse> observer;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final byte[] vaultIdentity;
    private boolean greeted;

    WatchLine(ServerCallStreamObserver<WatchLeaseResponse> observer, byte[] vaultIdentity) {
        this.observer = observer;
        this.vaultIdentity = vaultIdentity.clone();
    }

    @Override
    public void onEnd(Runnable action) {
        observer.setOnCancelHandler(() -> {
            ended.set(true);
            action.run();
        });
    }

    @Override
    public synchronized void send(byte[] notice) {
        if (ended.get()) {
            return;
        }
        var response = WatchLeaseResponse.newBuilder().setNotice(Messages.bytes(notice));
        if (!greeted) {
            greeted = true;
            response.setVaultIdentity(Messages.bytes(vaultIdentity));
        }
        observer.onNext(response.build());
    }

    @Override
    public synchronized void finish() {
        if (ended.compareAndSet(false, true)) {
            observer.onCompleted();
        }
    }

    @Override
    public synchronized void fail() {
        if (ended.compareAndSet(false, true)) {
            observer.onError(
                    new RefusedException(
                            Reason.TOKEN_UNAVAILABLE,
                            "the vault stops, or its token does not sign; open the stream again"));
        }
    }
}
