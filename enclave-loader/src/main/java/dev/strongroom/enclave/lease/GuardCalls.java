package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetGuardStateResponse;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.ReportRefusedKeyRequest;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.proto.v1.TakeRowsResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a node's guards ask of the vault and tell it: rows of a caller's day, states that outlive a
 * boot, and calls with keys that were withdrawn. Believes nothing: callers verify.
 *
 * <p>Thread-safe.
 */
public final class GuardCalls {
    private final VaultCalls calls;

    GuardCalls(VaultCalls calls) {
        this.calls = calls;
    }

    /** Rows of a caller's day that this node got, and what is left of the day. */
    public record Rows(long rows, Duration dayLeft) {}

    /**
     * Takes rows of a caller's day for this node. Does not block.
     *
     * @param lease in force
     * @param caller {@code tenant/role/name}
     * @param perDay of the caller, over all nodes
     */
    public CompletableFuture<Rows> takeRows(Lease lease, String caller, long perDay, long wanted) {
        var answer = new CompletableFuture<Rows>();
        VaultCalls.soon(GuardsGrpc.newStub(calls.channel()))
                .takeRows(
                        TakeRowsRequest.newBuilder()
                                .setModel(lease.model().toString())
                                .setBootId(ByteString.copyFrom(lease.bootId()))
                                .setCaller(caller)
                                .setRowsPerDay(perDay)
                                .setWanted(wanted)
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(TakeRowsResponse rows) {
                                answer.complete(
                                        new Rows(
                                                Math.clamp(rows.getRows(), 0, wanted),
                                                Duration.ofMillis(
                                                        Math.max(0, rows.getDayLeftMillis()))));
                            }

                            @Override
                            public void onError(Throwable failure) {
                                answer.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {
                                // one answer is all
                            }
                        });
        return answer;
    }

    /**
     * A guard's state as this node last sealed it; empty when the vault has none.
     *
     * @param lease in force, on the version whose state it is
     */
    public Optional<GuardState> state(Lease lease) throws LeaseException {
        return kept(fetch(lease, ""));
    }

    /**
     * The states that other nodes, or this one under other names, left of a version.
     *
     * @param lease in force, on that version
     */
    public List<GuardState> otherStates(Lease lease) throws LeaseException {
        var states = new ArrayList<GuardState>();
        for (String node : fetch(lease, "").getOthersList()) {
            kept(fetch(lease, node)).ifPresent(states::add);
        }
        return states;
    }

    private GetGuardStateResponse fetch(Lease lease, String node) throws LeaseException {
        return calls.answered(() ->
                calls.guards()
                        .getGuardState(
                                GetGuardStateRequest.newBuilder()
                                        .setModel(lease.model().toString())
                                        .setVersionId(
                                                ByteString.copyFrom(lease.versionId().bytes()))
                                        .setBootId(ByteString.copyFrom(lease.bootId()))
                                        .setNode(node)
                                        .build()));
    }

    private static Optional<GuardState> kept(GetGuardStateResponse answer) {
        return answer.getSeq() <= 0
                ? Optional.empty()
                : Optional.of(new GuardState(answer.getSeq(), answer.getSealed().toByteArray()));
    }

    /** A sealed state of a node's guard. */
    public record GuardState(long seq, byte[] sealed) {}

    /**
     * Has the vault keep a guard's state.
     *
     * @param lease in force, on the version whose state it is
     */
    public void saveState(Lease lease, GuardState state) throws LeaseException {
        var _ =
                calls.answered(() ->
                        calls.guards()
                                .saveGuardState(
                                        SaveGuardStateRequest.newBuilder()
                                                .setModel(lease.model().toString())
                                                .setVersionId(
                                                        ByteString.copyFrom(
                                                                lease.versionId().bytes()))
                                                .setBootId(ByteString.copyFrom(lease.bootId()))
                                                .setSeq(state.seq())
                                                .setSealed(ByteString.copyFrom(state.sealed()))
                                                .build()));
    }

    /**
     * Tells the vault of a call with a key that it said to refuse. Does not block; what is lost is
     * told with the next one.
     *
     * @param lease in force
     * @param key SHA-256 of its SubjectPublicKeyInfo
     * @param source address of the caller
     */
    public void reportRefusedKey(Lease lease, Digest key, String source) {
        var _ =
                VaultCalls.soon(GuardsGrpc.newFutureStub(calls.channel()))
                        .reportRefusedKey(
                                ReportRefusedKeyRequest.newBuilder()
                                        .setModel(lease.model().toString())
                                        .setBootId(ByteString.copyFrom(lease.bootId()))
                                        .setKey(ByteString.copyFrom(key.bytes()))
                                        .setSource(source)
                                        .build());
    }
}
