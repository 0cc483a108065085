package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetImportCertificateResponse;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.RotateKekResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.rotation.Rotation;
import dev.strongroom.vault.rotation.Rotation.Phase;
import dev.strongroom.vault.tenancy.TenantDesk;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code strongroom.v1.Keys}: what the token holds, and its rotation. No answer holds a key. */
final class KeysService extends KeysGrpc.KeysImplBase {
    private final Database database;
    private final KeyCustodian custodian;
    private final TenantDesk tenants;
    private final Rotation rotation;

    KeysService(Database database, KeyCustodian custodian, TenantDesk tenants, Rotation rotation) {
        this.database = database;
        this.custodian = custodian;
        this.tenants = tenants;
        this.rotation = rotation;
    }

    @Override
    public void getImportCertificate(
            GetImportCertificateRequest request,
            StreamObserver<GetImportCertificateResponse> observer) {
        Answers.one(
                observer,
                () ->
                        GetImportCertificateResponse.newBuilder()
                                .setCertificate(
                                        Messages.bytes(
                                                tenants.importCertificate(
                                                        Principal.current(),
                                                        Messages.tenant(request.getTenant()))))
                                .build());
    }

    @Override
    public void getKeyStatus(
            GetKeyStatusRequest request, StreamObserver<GetKeyStatusResponse> observer) {
        Answers.one(observer, () -> status(Messages.tenant(request.getTenant())));
    }

    private GetKeyStatusResponse status(TenantName tenant) throws Exception {
        database.read(handle -> TenantTable.require(handle, tenant));
        CustodianInfo info = custodian.info();
        Map<Integer, String> ids =
                custodian.keks(tenant).stream()
                        .collect(Collectors.toMap(KekInfo::version, KekInfo::keyId));
        var response =
                GetKeyStatusResponse.newBuilder()
                        .setModule(info.module())
                        .setTrustLevel(info.level().name());
        List<Kek> keks = database.read(handle -> KekTable.all(handle, tenant));
        for (Kek kek : keks) {
            long records = database.read(h -> WrappedKeyTable.count(h, tenant, kek.version()));
            response.addKeks(
                    GetKeyStatusResponse.Kek.newBuilder()
                            .setVersion(kek.version())
                            .setKeyId(ids.getOrDefault(kek.version(), ""))
                            .setState(kek.state().label())
                            .setWrappedRecords(records)
                            .setCreatedAtMillis(kek.createdAt().toEpochMilli()));
        }
        return response.build();
    }

    /** The rotation goes on when the caller leaves: what is left over would be work for nobody. */
    @Override
    public void rotateKek(RotateKekRequest request, StreamObserver<RotateKekResponse> observer) {
        ((ServerCallStreamObserver<RotateKekResponse>) observer).setOnCancelHandler(() -> {});
        try {
            rotation.rotate(
                    Principal.current(),
                    Messages.tenant(request.getTenant()),
                    progress -> observer.onNext(message(progress)));
        } catch (Exception e) {
            observer.onError(e);
            return;
        }
        observer.onCompleted();
    }

    private static RotateKekResponse message(Rotation.Progress progress) {
        return RotateKekResponse.newBuilder()
                .setFromVersion(progress.fromVersion())
                .setToVersion(progress.toVersion())
                .setRewrapped(progress.rewrapped())
                .setTotal(progress.total())
                .setRetired(progress.phase() == Phase.RETIRED)
                .build();
    }
}
