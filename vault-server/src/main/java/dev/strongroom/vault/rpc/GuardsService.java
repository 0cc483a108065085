package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetGuardStateResponse;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.ListMeasuresRequest;
import dev.strongroom.proto.v1.ListMeasuresResponse;
import dev.strongroom.proto.v1.LoosenRequest;
import dev.strongroom.proto.v1.LoosenResponse;
import dev.strongroom.proto.v1.MeasureSubject;
import dev.strongroom.proto.v1.ReportRefusedKeyRequest;
import dev.strongroom.proto.v1.ReportRefusedKeyResponse;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.SaveGuardStateResponse;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.proto.v1.TakeRowsResponse;
import dev.strongroom.proto.v1.TightenRequest;
import dev.strongroom.proto.v1.TightenResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.MeasureHistory.Taken;
import dev.strongroom.vault.decoy.DecoyDesk;
import dev.strongroom.vault.guard.GuardDesk;
import dev.strongroom.vault.guard.MeasureDesk;
import dev.strongroom.vault.guard.NodeLease;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.stub.StreamObserver;

/**
 * {@code strongroom.v1.Guards}: slices of callers' days, sealed state of nodes' guards, and what
 * people have guards hold against callers.
 */
final class GuardsService extends GuardsGrpc.GuardsImplBase {
    private final GuardDesk desk;
    private final MeasureDesk measures;
    private final DecoyDesk decoys;
    private final AuditLog log;

    GuardsService(GuardDesk desk, MeasureDesk measures, DecoyDesk decoys, AuditLog log) {
        this.desk = desk;
        this.measures = measures;
        this.decoys = decoys;
        this.log = log;
    }

    private static NodeLease lease(String model, ByteString bootId) throws RefusedException {
        return new NodeLease(Principal.current(), Messages.model(model), Messages.bootId(bootId));
    }

    @Override
    public void takeRows(TakeRowsRequest request, StreamObserver<TakeRowsResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    GuardDesk.Slice slice =
                            desk.take(
                                    lease(request.getModel(), request.getBootId()),
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
                            lease(request.getModel(), request.getBootId()),
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
                    NodeLease lease = lease(request.getModel(), request.getBootId());
                    VersionId version = Messages.version(request.getVersionId());
                    String node =
                            request.getNode().isEmpty() ? lease.node().uri() : request.getNode();
                    var answer =
                            GetGuardStateResponse.newBuilder()
                                    .addAllOthers(desk.others(lease, version));
                    desk.state(lease, node, version)
                            .ifPresent(state ->
                                    answer.setSeq(state.seq())
                                            .setSealed(Messages.bytes(state.sealed())));
                    return answer.build();
                });
    }

    @Override
    public void reportRefusedKey(
            ReportRefusedKeyRequest request, StreamObserver<ReportRefusedKeyResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    decoys.reported(
                            lease(request.getModel(), request.getBootId()),
                            Messages.digest("key", request.getKey()),
                            request.getSource());
                    return ReportRefusedKeyResponse.getDefaultInstance();
                });
    }

    @Override
    public void tighten(TightenRequest request, StreamObserver<TightenResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    MeasureDesk.Done done =
                            measures.tighten(
                                    Principal.current(),
                                    subject(request.getSubject()),
                                    request.getStep(),
                                    request.getReason());
                    return TightenResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(done.receipt().leafIndex())))
                            .setConnected(done.connected())
                            .build();
                });
    }

    @Override
    public void loosen(LoosenRequest request, StreamObserver<LoosenResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var receipt =
                            measures.loosen(
                                    Principal.current(),
                                    subject(request.getSubject()),
                                    request.getReason());
                    return LoosenResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    @Override
    public void listMeasures(
            ListMeasuresRequest request, StreamObserver<ListMeasuresResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListMeasuresResponse.newBuilder()
                                .addAllMeasures(
                                        measures.list(Principal.current()).stream()
                                                .map(GuardsService::message)
                                                .toList())
                                .build());
    }

    private static MeasureDesk.Subject subject(MeasureSubject subject) throws RefusedException {
        return MeasureDesk.Subject.of(
                Messages.model(subject.getModel()), subject.getWhose(), subject.getName());
    }

    private static ListMeasuresResponse.Measure message(Taken taken) {
        return ListMeasuresResponse.Measure.newBuilder()
                .setSubject(
                        MeasureSubject.newBuilder()
                                .setModel(taken.key().model().toString())
                                .setWhose(taken.key().whose().label())
                                .setName(taken.key().name()))
                .setStep(taken.measure().step().label())
                .setReason(taken.reason())
                .setTakenBy(taken.key().by())
                .setTakenAtMillis(taken.at().toEpochMilli())
                .setPolicySeq(taken.measure().policySeq())
                .setAuditLeaf(taken.leaf())
                .build();
    }
}
