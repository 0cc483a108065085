package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetGuardStateResponse;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.SaveGuardStateResponse;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.proto.v1.TakeRowsResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.guard.GuardDesk;
import io.grpc.stub.StreamObserver;

/** {@code strongroom.v1.Guards}: slices of callers' days, and sealed state of nodes' guards. */
final class GuardsService extends GuardsGrpc.GuardsImplBase {
    private final GuardDesk desk;

    GuardsService(GuardDesk desk) {
        this.desk = desk;
    }

    @Override
    public void takeRows(TakeRowsRequest request, StreamObserver<TakeRowsResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    GuardDesk.Slice slice =
                            desk.take(
                                    Messages.model(request.getModel()),
                                    request.getCaller(),
                                    request.getRowsPerDay(),
                                    request.getWanted());
                    return TakeRowsResponse.newBuilder()
                            .setRows(slice.rows())
                            .setDayLeftMillis(slice.dayLeft().toMillis())
                            .build();
                });
    }

    @Override
    public void saveGuardState(
            SaveGuardStateRequest request, StreamObserver<SaveGuardStateResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    desk.save(
                            Principal.current(),
                            Messages.version(request.getVersionId()),
                            request.getSeq(),
                            request.getSealed().toByteArray());
                    return SaveGuardStateResponse.getDefaultInstance();
                });
    }

    @Override
    public void getGuardState(
            GetGuardStateRequest request, StreamObserver<GetGuardStateResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    Principal asking = Principal.current();
                    VersionId version = Messages.version(request.getVersionId());
                    String node = request.getNode().isEmpty() ? asking.uri() : request.getNode();
                    var answer =
                            GetGuardStateResponse.newBuilder()
                                    .addAllOthers(desk.others(asking, version));
                    desk.state(node, version)
                            .ifPresent(state ->
                                    answer.setSeq(state.seq())
                                            .setSealed(Messages.bytes(state.sealed())));
                    return answer.build();
                });
    }
}
