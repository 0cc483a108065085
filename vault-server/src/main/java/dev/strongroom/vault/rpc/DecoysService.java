package dev.strongroom.vault.rpc;

import dev.strongroom.proto.v1.DecoysGrpc;
import dev.strongroom.proto.v1.LiftQuarantineRequest;
import dev.strongroom.proto.v1.LiftQuarantineResponse;
import dev.strongroom.proto.v1.ListDecoysRequest;
import dev.strongroom.proto.v1.ListDecoysResponse;
import dev.strongroom.proto.v1.ListQuarantinesRequest;
import dev.strongroom.proto.v1.ListQuarantinesResponse;
import dev.strongroom.proto.v1.PlantDecoyRequest;
import dev.strongroom.proto.v1.PlantDecoyResponse;
import dev.strongroom.proto.v1.RemoveDecoyRequest;
import dev.strongroom.proto.v1.RemoveDecoyResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Quarantines.Quarantine;
import dev.strongroom.vault.decoy.Decoy;
import dev.strongroom.vault.decoy.DecoyDesk;
import io.grpc.stub.StreamObserver;

/** {@code strongroom.v1.Decoys}: decoys and quarantines, for operators. */
final class DecoysService extends DecoysGrpc.DecoysImplBase {
    private final DecoyDesk desk;
    private final AuditLog log;

    DecoysService(DecoyDesk desk, AuditLog log) {
        this.desk = desk;
        this.log = log;
    }

    @Override
    public void plantDecoy(PlantDecoyRequest request, StreamObserver<PlantDecoyResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    DecoyDesk.Planted planted =
                            desk.plant(
                                    Principal.current(), request.getKind(), request.getSubject());
                    return PlantDecoyResponse.newBuilder()
                            .setDecoy(message(planted.decoy()))
                            .setProof(Messages.proof(log.prove(planted.receipt().leafIndex())))
                            .build();
                });
    }

    @Override
    public void listDecoys(ListDecoysRequest request, StreamObserver<ListDecoysResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListDecoysResponse.newBuilder()
                                .addAllDecoys(
                                        desk.list().stream().map(DecoysService::message).toList())
                                .build());
    }

    @Override
    public void removeDecoy(
            RemoveDecoyRequest request, StreamObserver<RemoveDecoyResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var receipt =
                            desk.remove(
                                    Principal.current(), request.getKind(), request.getSubject());
                    return RemoveDecoyResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    @Override
    public void listQuarantines(
            ListQuarantinesRequest request, StreamObserver<ListQuarantinesResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListQuarantinesResponse.newBuilder()
                                .addAllQuarantines(
                                        desk.quarantines().stream()
                                                .map(DecoysService::message)
                                                .toList())
                                .build());
    }

    @Override
    public void liftQuarantine(
            LiftQuarantineRequest request, StreamObserver<LiftQuarantineResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var receipt =
                            desk.lift(
                                    Principal.current(),
                                    request.getIdentity(),
                                    request.getReason());
                    return LiftQuarantineResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    private static dev.strongroom.proto.v1.Decoy message(Decoy decoy) {
        return dev.strongroom.proto.v1.Decoy.newBuilder()
                .setKind(decoy.kind().label())
                .setSubject(decoy.subject())
                .setId(decoy.id())
                .build();
    }

    private static ListQuarantinesResponse.Quarantine message(Quarantine quarantine) {
        return ListQuarantinesResponse.Quarantine.newBuilder()
                .setIdentity(quarantine.identity())
                .setDecoy(quarantine.decoy())
                .setKind(quarantine.kind())
                .setMethod(quarantine.method())
                .setSource(quarantine.source())
                .setSinceMillis(quarantine.since().toEpochMilli())
                .setAuditLeaf(quarantine.leaf())
                .build();
    }
}
