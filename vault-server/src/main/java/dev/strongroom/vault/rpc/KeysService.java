package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.DestroyKekRequest;
import dev.strongroom.proto.v1.DestroyKekResponse;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetImportCertificateResponse;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse;
import dev.strongroom.proto.v1.GetRotationRequest;
import dev.strongroom.proto.v1.GetRotationResponse;
import dev.strongroom.proto.v1.ImportKey;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.PauseRotationRequest;
import dev.strongroom.proto.v1.PauseRotationResponse;
import dev.strongroom.proto.v1.RecoverTokenRequest;
import dev.strongroom.proto.v1.RecoverTokenResponse;
import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.ResumeRotationResponse;
import dev.strongroom.proto.v1.RetireKekRequest;
import dev.strongroom.proto.v1.RetireKekResponse;
import dev.strongroom.proto.v1.RotateImportKeyRequest;
import dev.strongroom.proto.v1.RotateImportKeyResponse;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.RotateKekResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.admin.TokenDesk;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.rotation.Destruction;
import dev.strongroom.vault.rotation.Rotations;
import dev.strongroom.vault.tenancy.ImportKeys;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** {@code strongroom.v1.Keys}: what the token holds, and its rotation. No answer holds a key. */
final class KeysService extends KeysGrpc.KeysImplBase {
    private static final String RETIRED = KekTable.State.RETIRED.label();
    private static final int MAX_WAIT_MILLIS = 30_000; // clients have deadlines of a minute

    private final Database database;
    private final KeyCustodian custodian;
    private final ImportKeys imports;
    private final Rotations rotations;
    private final Destruction destruction;
    private final TokenDesk token;

    KeysService(
            Database database,
            KeyCustodian custodian,
            ImportKeys imports,
            Rotations rotations,
            Destruction destruction,
            TokenDesk token) {
        this.database = database;
        this.custodian = custodian;
        this.imports = imports;
        this.rotations = rotations;
        this.destruction = destruction;
        this.token = token;
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
                                                imports.certificate(
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
                            .setRetiredLeaf(kek.retiredLeaf().orElse(0L))
                            .setDestroyLeaf(kek.destroyLeaf().orElse(0L))
                            .setCreatedAtMillis(kek.createdAt().toEpochMilli()));
        }
        return response.addAllImportKeys(messages(imports.standings(tenant))).build();
    }

    @Override
    public void rotateKek(RotateKekRequest request, StreamObserver<RotateKekResponse> observer) {
        Answers.one(
                observer,
                () ->
                        RotateKekResponse.newBuilder()
                                .setRotation(
                                        RotationMessages.of(
                                                rotations.start(
                                                        Principal.current(),
                                                        Messages.tenant(request.getTenant()),
                                                        share(request))))
                                .build());
    }

    @Override
    public void planRotateKek(
            RotateKekRequest request, StreamObserver<RotateKekResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    TenantName tenant = Messages.tenant(request.getTenant());
                    int share = share(request);
                    return RotateKekResponse.newBuilder()
                            .setRotation(
                                    RotationMessages.planned(
                                            tenant, rotations.plan(tenant, share), share))
                            .build();
                });
    }

    private static int share(RotateKekRequest request) {
        return request.getSharePercent() == 0 ? 100 : request.getSharePercent();
    }

    @Override
    public void getRotation(
            GetRotationRequest request, StreamObserver<GetRotationResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    Duration wait =
                            Duration.ofMillis(Math.min(request.getWaitMillis(), MAX_WAIT_MILLIS));
                    return GetRotationResponse.newBuilder()
                            .setRotation(
                                    RotationMessages.of(
                                            rotations.await(
                                                    Messages.tenant(request.getTenant()), wait)))
                            .build();
                });
    }

    @Override
    public void pauseRotation(
            PauseRotationRequest request, StreamObserver<PauseRotationResponse> observer) {
        Answers.one(
                observer,
                () ->
                        PauseRotationResponse.newBuilder()
                                .setRotation(
                                        RotationMessages.of(
                                                rotations.pause(
                                                        Principal.current(),
                                                        Messages.tenant(request.getTenant()))))
                                .build());
    }

    @Override
    public void planPauseRotation(
            PauseRotationRequest request, StreamObserver<PauseRotationResponse> observer) {
        Answers.one(
                observer,
                () ->
                        PauseRotationResponse.newBuilder()
                                .setRotation(
                                        RotationMessages.plannedPause(
                                                rotations.planPause(
                                                        Messages.tenant(request.getTenant()))))
                                .build());
    }

    @Override
    public void resumeRotation(
            ResumeRotationRequest request, StreamObserver<ResumeRotationResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ResumeRotationResponse.newBuilder()
                                .setRotation(
                                        RotationMessages.of(
                                                rotations.resume(
                                                        Principal.current(),
                                                        Messages.tenant(request.getTenant()),
                                                        share(request))))
                                .build());
    }

    @Override
    public void planResumeRotation(
            ResumeRotationRequest request, StreamObserver<ResumeRotationResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    TenantName tenant = Messages.tenant(request.getTenant());
                    OptionalInt share = share(request);
                    return ResumeRotationResponse.newBuilder()
                            .setRotation(
                                    RotationMessages.plannedResumption(
                                            rotations.planResume(tenant, share), share))
                            .build();
                });
    }

    private static OptionalInt share(ResumeRotationRequest request) {
        return request.getSharePercent() == 0
                ? OptionalInt.empty()
                : OptionalInt.of(request.getSharePercent());
    }

    @Override
    public void retireKek(RetireKekRequest request, StreamObserver<RetireKekResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    rotations.retire(
                            Principal.current(),
                            Messages.tenant(request.getTenant()),
                            request.getVersion());
                    return RetireKekResponse.newBuilder().setState(RETIRED).build();
                });
    }

    @Override
    public void planRetireKek(
            RetireKekRequest request, StreamObserver<RetireKekResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    boolean planned =
                            rotations.wouldRetire(
                                    Messages.tenant(request.getTenant()), request.getVersion());
                    return RetireKekResponse.newBuilder()
                            .setState(planned ? RotationMessages.PLANNED : RETIRED)
                            .build();
                });
    }

    @Override
    public void recoverToken(
            RecoverTokenRequest request, StreamObserver<RecoverTokenResponse> observer) {
        Answers.one(observer, () -> message(token.recover(Principal.current().uri())));
    }

    private static RecoverTokenResponse message(TokenDesk.Recovery recovery) {
        var response =
                RecoverTokenResponse.newBuilder()
                        .setState(recovery.state().label())
                        .setAuditLeaf(recovery.request().leafIndex());
        if (recovery.state() instanceof TokenState.Down down) {
            response.setReason(down.reason().name())
                    .setMessage(down.message())
                    .setNextAttemptMillis(down.nextAttempt().map(Instant::toEpochMilli).orElse(0L));
        }
        return response.build();
    }

    @Override
    public void destroyKek(DestroyKekRequest request, StreamObserver<DestroyKekResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    destruction.destroy(
                            Principal.current(),
                            Messages.tenant(request.getTenant()),
                            request.getVersion(),
                            request.getConfirm());
                    return obstacles(request);
                });
    }

    @Override
    public void planDestroyKek(
            DestroyKekRequest request, StreamObserver<DestroyKekResponse> observer) {
        Answers.one(observer, () -> obstacles(request));
    }

    private DestroyKekResponse obstacles(DestroyKekRequest request) throws Exception {
        Destruction.Plan plan =
                destruction.plan(Messages.tenant(request.getTenant()), request.getVersion());
        return DestroyKekResponse.newBuilder()
                .setState(plan.state().label())
                .setNotBeforeMillis(plan.notBefore().map(Instant::toEpochMilli).orElse(0L))
                .addAllObstacles(plan.obstacles())
                .build();
    }

    @Override
    public void rotateImportKey(
            RotateImportKeyRequest request, StreamObserver<RotateImportKeyResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    TenantName tenant = Messages.tenant(request.getTenant());
                    int version = imports.rotate(Principal.current(), tenant);
                    return RotateImportKeyResponse.newBuilder()
                            .setVersion(version)
                            .addAllKeys(messages(imports.standings(tenant)))
                            .build();
                });
    }

    @Override
    public void planRotateImportKey(
            RotateImportKeyRequest request, StreamObserver<RotateImportKeyResponse> observer) {
        Answers.one(
                observer,
                () ->
                        RotateImportKeyResponse.newBuilder()
                                .addAllKeys(
                                        messages(
                                                imports.standings(
                                                        Messages.tenant(request.getTenant()))))
                                .build());
    }

    private static List<ImportKey> messages(List<ImportKeys.Standing> keys) {
        return keys.stream()
                .map(key ->
                        ImportKey.newBuilder()
                                .setVersion(key.version())
                                .setState(key.use().name().toLowerCase(Locale.ROOT))
                                .setCreatedAtMillis(key.createdAt().toEpochMilli())
                                .setNotAfterMillis(
                                        key.notAfter().map(Instant::toEpochMilli).orElse(0L))
                                .build())
                .toList();
    }
}
