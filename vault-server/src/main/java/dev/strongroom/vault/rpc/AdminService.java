package dev.strongroom.vault.rpc;

import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.Backup;
import dev.strongroom.proto.v1.CreateBackupRequest;
import dev.strongroom.proto.v1.CreateBackupResponse;
import dev.strongroom.proto.v1.CreateTenantRequest;
import dev.strongroom.proto.v1.CreateTenantResponse;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.GetVaultIdentityResponse;
import dev.strongroom.proto.v1.IssueCertificateRequest;
import dev.strongroom.proto.v1.IssueCertificateResponse;
import dev.strongroom.proto.v1.LiftRevocationRequest;
import dev.strongroom.proto.v1.LiftRevocationResponse;
import dev.strongroom.proto.v1.ListBackupsRequest;
import dev.strongroom.proto.v1.ListBackupsResponse;
import dev.strongroom.proto.v1.ListIdentitiesRequest;
import dev.strongroom.proto.v1.ListIdentitiesResponse;
import dev.strongroom.proto.v1.ListRevocationsRequest;
import dev.strongroom.proto.v1.ListRevocationsResponse;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.proto.v1.RevokeResponse;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.proto.v1.WithdrawIdentityResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.IssuedKeys;
import dev.strongroom.vault.audit.Revocations.Revocation;
import dev.strongroom.vault.backup.Backups;
import dev.strongroom.vault.catalog.BackupTable;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.tenancy.IdentityDesk;
import dev.strongroom.vault.tenancy.TenantDesk;
import dev.strongroom.vault.watch.RevocationDesk;
import io.grpc.stub.StreamObserver;

/** {@code strongroom.v1.Admin}: tenants, identities, and what to pin. */
final class AdminService extends AdminGrpc.AdminImplBase {
    private static final int MAX_SPKI_BYTES = 256;
    private static final int MAX_CSR_BYTES = 4096;
    private static final int FIRST_KEK = 1;

    private final TenantDesk tenants;
    private final IdentityDesk identities;
    private final RevocationDesk revocations;
    private final Backups backups;
    private final AuditLog log;
    private final OwnKeys ownKeys;

    AdminService(
            TenantDesk tenants,
            IdentityDesk identities,
            RevocationDesk revocations,
            Backups backups,
            AuditLog log,
            OwnKeys ownKeys) {
        this.tenants = tenants;
        this.identities = identities;
        this.revocations = revocations;
        this.backups = backups;
        this.log = log;
        this.ownKeys = ownKeys;
    }

    @Override
    public void getVaultIdentity(
            GetVaultIdentityRequest request, StreamObserver<GetVaultIdentityResponse> observer) {
        Answers.one(
                observer,
                () ->
                        GetVaultIdentityResponse.newBuilder()
                                .setVaultIdentity(Messages.bytes(ownKeys.envelope()))
                                .build());
    }

    @Override
    public void createBackup(
            CreateBackupRequest request, StreamObserver<CreateBackupResponse> observer) {
        Answers.one(
                observer,
                () ->
                        CreateBackupResponse.newBuilder()
                                .setBackup(message(backups.create(Principal.current())))
                                .build());
    }

    @Override
    public void listBackups(
            ListBackupsRequest request, StreamObserver<ListBackupsResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListBackupsResponse.newBuilder()
                                .addAllBackups(
                                        backups.list().stream().map(AdminService::message).toList())
                                .build());
    }

    private static Backup message(BackupTable.Backup backup) {
        return Backup.newBuilder()
                .setName(backup.name())
                .setCreatedAtMillis(backup.createdAt().toEpochMilli())
                .setBytes(backup.bytes())
                .setLogSize(backup.logSize())
                .addAllKeks(backup.keks())
                .setAuditLeaf(backup.leaf())
                .build();
    }

    @Override
    public void createTenant(
            CreateTenantRequest request, StreamObserver<CreateTenantResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var tenant =
                            tenants.create(
                                    Principal.current(),
                                    Messages.tenant(request.getTenant()),
                                    Messages.limited(
                                            "owner root",
                                            request.getOwnerRootSpki(),
                                            MAX_SPKI_BYTES));
                    return CreateTenantResponse.newBuilder()
                            .setOwnerId(Messages.bytes(tenant.ownerId().bytes()))
                            .setKekVersion(FIRST_KEK)
                            .build();
                });
    }

    @Override
    public void issueCertificate(
            IssueCertificateRequest request, StreamObserver<IssueCertificateResponse> observer) {
        Answers.one(
                observer,
                () ->
                        IssueCertificateResponse.newBuilder()
                                .addAllChain(
                                        Messages.chain(
                                                identities.issue(
                                                        Principal.current().uri(),
                                                        wanted(request))))
                                .build());
    }

    private static IdentityDesk.Wanted wanted(IssueCertificateRequest request)
            throws RefusedException {
        return new IdentityDesk.Wanted(
                request.getTenant(),
                request.getRole(),
                request.getName(),
                request.getGroup(),
                Messages.limited("signing request", request.getCsr(), MAX_CSR_BYTES),
                request.getValidDays());
    }

    @Override
    public void withdrawIdentity(
            WithdrawIdentityRequest request, StreamObserver<WithdrawIdentityResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var receipt = identities.withdraw(Principal.current(), request.getIdentity());
                    return WithdrawIdentityResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    @Override
    public void planWithdrawIdentity(
            WithdrawIdentityRequest request, StreamObserver<WithdrawIdentityResponse> observer) {
        Answers.one(
                observer,
                () ->
                        WithdrawIdentityResponse.newBuilder()
                                .setCertificates(
                                        identities.withdrawable(
                                                Principal.current(), request.getIdentity()))
                                .build());
    }

    @Override
    public void revoke(RevokeRequest request, StreamObserver<RevokeResponse> observer) {
        Answers.one(observer, () -> revoked(request));
    }

    @Override
    public void planRevoke(RevokeRequest request, StreamObserver<RevokeResponse> observer) {
        Answers.one(observer, () -> reach(request));
    }

    private RevokeResponse revoked(RevokeRequest request) throws RefusedException {
        RevocationDesk.Done done =
                revocations.revoke(
                        Principal.current(),
                        request.getTarget().getKind(),
                        request.getTarget().getSubject(),
                        request.getReason());
        return RevokeResponse.newBuilder()
                .setProof(Messages.proof(log.prove(done.receipt().leafIndex())))
                .setLeases(done.leases())
                .setConnected(done.connected())
                .build();
    }

    private RevokeResponse reach(RevokeRequest request) throws RefusedException {
        RevocationDesk.Reach reach =
                revocations.reach(
                        Principal.current(),
                        request.getTarget().getKind(),
                        request.getTarget().getSubject(),
                        request.getReason());
        return RevokeResponse.newBuilder()
                .setLeases(reach.leases())
                .setConnected(reach.connected())
                .build();
    }

    @Override
    public void liftRevocation(
            LiftRevocationRequest request, StreamObserver<LiftRevocationResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var receipt =
                            revocations.lift(
                                    Principal.current(),
                                    request.getTarget().getKind(),
                                    request.getTarget().getSubject(),
                                    request.getReason());
                    return LiftRevocationResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    @Override
    public void listRevocations(
            ListRevocationsRequest request, StreamObserver<ListRevocationsResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListRevocationsResponse.newBuilder()
                                .addAllRevocations(
                                        revocations.list(Principal.current()).stream()
                                                .map(AdminService::message)
                                                .toList())
                                .build());
    }

    private static ListRevocationsResponse.Revocation message(Revocation revocation) {
        return ListRevocationsResponse.Revocation.newBuilder()
                .setTarget(
                        RevocationTarget.newBuilder()
                                .setKind(revocation.target().kind().label())
                                .setSubject(revocation.target().subject()))
                .setScope(revocation.scope())
                .setReason(revocation.reason())
                .setRevokedBy(revocation.by())
                .setRevokedAtMillis(revocation.at().toEpochMilli())
                .setAuditLeaf(revocation.leaf())
                .build();
    }

    @Override
    public void listIdentities(
            ListIdentitiesRequest request, StreamObserver<ListIdentitiesResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var response = ListIdentitiesResponse.newBuilder();
                    for (IssuedKeys.Identity identity : identities.list()) {
                        response.addIdentities(
                                ListIdentitiesResponse.Identity.newBuilder()
                                        .setIdentity(identity.uri())
                                        .setActiveCertificates(identity.active())
                                        .setWithdrawnCertificates(identity.withdrawn())
                                        .setGroup(identity.group()));
                    }
                    return response.build();
                });
    }
}
