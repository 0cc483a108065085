package dev.strongroom.vault;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.ServerTls;
import dev.strongroom.vault.admin.Health;
import dev.strongroom.vault.admin.HttpEndpoint;
import dev.strongroom.vault.admin.TokenWatch;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.approval.ApprovalLedger;
import dev.strongroom.vault.approval.ApprovalView;
import dev.strongroom.vault.approval.ChangeRules;
import dev.strongroom.vault.approval.Roster;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.Witnesses;
import dev.strongroom.vault.backup.Backups;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.Meta;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.ownkeys.OwnKeyDesk;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.ownkeys.Succession;
import dev.strongroom.vault.publish.Committer;
import dev.strongroom.vault.publish.DataKeyImport;
import dev.strongroom.vault.publish.PolicyDesk;
import dev.strongroom.vault.publish.Publisher;
import dev.strongroom.vault.publish.Sweep;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import dev.strongroom.vault.release.Appraiser;
import dev.strongroom.vault.release.Challenges;
import dev.strongroom.vault.release.LeaseOffice;
import dev.strongroom.vault.release.ReleaseDesk;
import dev.strongroom.vault.release.RenewalDesk;
import dev.strongroom.vault.release.StillGood;
import dev.strongroom.vault.reseal.ResealDesk;
import dev.strongroom.vault.reseal.ResealRules;
import dev.strongroom.vault.reseal.SealSwap;
import dev.strongroom.vault.rotation.Destruction;
import dev.strongroom.vault.rotation.Rotations;
import dev.strongroom.vault.rpc.GrpcEndpoint;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.tenancy.IdentityDesk;
import dev.strongroom.vault.tenancy.ImportKeys;
import dev.strongroom.vault.tenancy.TenantDesk;
import dev.strongroom.vault.watch.LeaseWatches;
import dev.strongroom.vault.watch.RevocationDesk;
import dev.strongroom.vault.watch.ZeroisationDesk;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One start of a vault, in the order in which trust is established: folder, attestation root,
 * token, identity, audit log, then services. What it opened so far is in {@code parts}, newest
 * first.
 */
final class VaultStart {
    private static final Logger LOG = LoggerFactory.getLogger(VaultStart.class);
    private static final int IMPORT_FAILURES_A_MINUTE = 10;
    private static final int REFUSED_RELEASES_A_MINUTE = 60;
    private static final int REFUSED_RENEWALS_A_MINUTE = 60;

    private final VaultConfig config;
    private final EvidenceVerifier verifier;
    private final InstantSource clock;
    private final SecureRandom random;
    final Deque<AutoCloseable> parts = new ArrayDeque<>();

    VaultStart(VaultConfig config, TrustAnchors anchors, InstantSource clock, SecureRandom random) {
        this.config = config;
        this.verifier =
                new EvidenceVerifier(anchors, CollateralFolder.inside(config.dataDir()), clock);
        this.clock = clock;
        this.random = random;
    }

    Vault run() throws StartupException, CustodyException, IOException, RefusedException {
        if (!Database.exists(config.dataDir())) {
            throw new StartupException(
                    Exit.USAGE,
                    "no vault in "
                            + config.dataDir()
                            + "; make one with: vault init --config FILE --operator-out DIR");
        }
        OperatorFiles.makePrivate(config.dataDir());
        opened(DataFolder.lock(config.dataDir()));
        Database database = opened(DataFolder.open(config.dataDir()));
        DataFolder.requireRoot(database, verifier);
        KeyCustodian custodian = opened(Custodians.open(config, database, clock, random));
        requireKeys(database, custodian);
        return serve(database, custodian);
    }

    private Vault serve(Database database, KeyCustodian custodian)
            throws StartupException, CustodyException, IOException, RefusedException {
        TokenSigner ceremony = custodian.signer(SigningKey.CEREMONY, SigningKey.FIRST);
        byte[] envelope = DataFolder.unhex(DataFolder.require(database, Meta.VAULT_IDENTITY));
        VaultIdentity identity = DataFolder.requireIdentity(envelope, ceremony);
        DataFolder.requireSame(identity, verifier, custodian.info().level());
        var ownKeys = new OwnKeys(identity, envelope, clock, random);
        AuditLog log =
                AuditLog.open(
                        database, ownKeys, opened(new Witnesses(config.witnesses(), clock)), clock);
        ownKeys.find(custodian, log.ownKeys());
        long epoch = database.write(Meta.BOOT_EPOCH::increment);
        database.change(handle -> BootTable.forgetNoncesBefore(handle, epoch));
        parts.push(log::checkpoint); // whatever is left unsigned at the end
        log.appendSigned(
                Decision.of(AuditRecord.VAULT_STARTED, Decision.VAULT, Principal.WHOLE_VAULT)
                        .with("boot-epoch", epoch)
                        .with("tee", verifier.tee().label())
                        .with("attestation-root", verifier.rootFingerprint())
                        .with("trust-level", custodian.info().level())
                        .with("approvers", Roster.digest(config.approvals())));
        Roster.record(config.approvals(), log);
        ObjectStore store = ObjectStore.open(config.dataDir());
        opened(new Sweep(database, store, config.limits().unfinishedAge(), clock)).start();
        var authority = new CertificateAuthority(ownKeys::issuer, clock, random);
        var ledger = new ApprovalLedger(log, clock);
        var policies = new PolicyDesk(database, log, ledger, clock);
        var rules = new ChangeRules(config.approvals(), policies);
        var approvals = new ApprovalDesk(log, ledger, rules, clock);
        approvals.endOutdated();
        var backups =
                Backups.open(config.dataDir(), database, log, config.limits().backups(), clock);
        var versions = new Versions(database, log, policies, verifier, ownKeys, clock);
        var importKeys = new ImportKeys(database, log, custodian, ceremony, ceremony.spki(), clock);
        var imports =
                new DataKeyImport(log, custodian, importKeys, aMinute(IMPORT_FAILURES_A_MINUTE));
        var challenges = new Challenges(epoch, clock, random);
        var stillGood = new StillGood(log, challenges, policies, ownKeys);
        var office = new LeaseOffice(ownKeys, authority, config.limits());
        var watches = new LeaseWatches(log, ownKeys::signing, clock);
        var appraiser =
                new Appraiser(database, versions, policies, custodian, verifier, ownKeys, clock);
        var resealRules = new ResealRules(versions, policies, clock);
        var committer =
                new Committer(
                        database,
                        store,
                        log,
                        custodian,
                        versions,
                        ownKeys,
                        verifier.rootFingerprint(),
                        imports);
        var desks =
                new GrpcEndpoint.Desks(
                        database,
                        store,
                        log,
                        custodian,
                        new Publisher(database, store, versions, config.limits(), clock),
                        committer,
                        versions,
                        policies,
                        new TenantDesk(database, log, custodian, importKeys, clock),
                        importKeys,
                        new IdentityDesk(database, log, authority),
                        rotations(database, log, custodian),
                        backups,
                        new Destruction(
                                database,
                                log,
                                custodian,
                                backups,
                                approvals,
                                config.limits().destroyAfter(),
                                clock),
                        new ReleaseDesk(
                                log,
                                custodian,
                                office,
                                challenges,
                                appraiser,
                                stillGood,
                                aMinute(REFUSED_RELEASES_A_MINUTE),
                                clock),
                        new RenewalDesk(
                                log,
                                challenges,
                                appraiser,
                                stillGood,
                                office,
                                aMinute(REFUSED_RENEWALS_A_MINUTE),
                                clock),
                        watches,
                        new RevocationDesk(database, log, watches, clock),
                        new ZeroisationDesk(log),
                        approvals,
                        new ApprovalView(database, log, ledger, rules, clock),
                        new ResealDesk(
                                database,
                                store,
                                log,
                                versions,
                                resealRules,
                                challenges,
                                aMinute(REFUSED_RELEASES_A_MINUTE),
                                ownKeys,
                                clock),
                        new SealSwap(
                                database,
                                store,
                                log,
                                custodian,
                                versions,
                                resealRules,
                                imports,
                                ownKeys,
                                verifier.rootFingerprint(),
                                clock),
                        ownKeys,
                        new OwnKeyDesk(
                                log,
                                custodian,
                                ownKeys,
                                new Succession(ceremony, clock, random),
                                approvals,
                                backups));
        return listen(desks, authority, ceremony.keyId());
    }

    private Rotations rotations(Database database, AuditLog log, KeyCustodian custodian) {
        Rotations rotations =
                opened(
                        new Rotations(
                                database, log, custodian, config.limits().rotationBatch(), clock));
        rotations.resumeAll();
        return rotations;
    }

    private Vault listen(GrpcEndpoint.Desks desks, CertificateAuthority authority, Digest pin)
            throws IOException, RefusedException {
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.push(metrics::close);
        new JvmMemoryMetrics().bindTo(metrics);
        Gauge.builder("strongroom.audit.leaves", desks.log(), AuditLog::size)
                .description("Records in the audit log")
                .register(metrics);
        Gauge.builder("strongroom.token.serving", desks.custodian(), VaultStart::serving)
                .description("1 while the token serves, 0 while it is lost or down")
                .register(metrics);
        opened(TokenWatch.start(desks.custodian()));
        ServerTls tls =
                opened(
                        ServerTls.start(
                                authority,
                                desks.custodian(),
                                desks.ownKeys()::tls,
                                config.hostNames(),
                                clock,
                                random));
        desks.ownKeys().onChange(tls::renew);
        GrpcEndpoint grpc =
                opened(
                        GrpcEndpoint.start(
                                config.grpc(),
                                tls.context(),
                                desks,
                                metrics,
                                verifier.tee(),
                                random));
        HttpEndpoint http =
                opened(
                        HttpEndpoint.start(
                                config.http(),
                                metrics,
                                () ->
                                        new Health(
                                                verifier.tee(),
                                                isHealthy(desks.database()),
                                                desks.custodian().check())));
        TrustLevel level = desks.custodian().info().level();
        LOG.atInfo()
                .addKeyValue("grpc", grpc.address())
                .addKeyValue("http", http.address())
                .addKeyValue("tee", verifier.tee().label())
                .addKeyValue("trust-level", level)
                .log("vault.started");
        return new Vault(parts, grpc, http, pin, verifier.tee(), level);
    }

    private static double serving(KeyCustodian custodian) {
        return custodian.state() instanceof TokenState.Serving ? 1 : 0;
    }

    private static boolean isHealthy(Database database) {
        try {
            database.read(Meta.BOOT_EPOCH::read);
            return true;
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("health.failing");
            return false;
        }
    }

    /** A token without a key that the catalogue names is another token; none is made anew. */
    private static void requireKeys(Database database, KeyCustodian custodian)
            throws StartupException, CustodyException {
        for (TenantName tenant : database.read(TenantTable::names)) {
            List<Integer> inToken =
                    custodian.keks(tenant).stream()
                            .filter(KekInfo::isUsable)
                            .map(KekInfo::version)
                            .toList();
            for (var kek : database.read(handle -> KekTable.all(handle, tenant))) {
                if (kek.isNeeded() && !inToken.contains(kek.version())) {
                    throw new StartupException(
                            Exit.INTEGRITY,
                            "the token lacks key-encryption key "
                                    + kek.version()
                                    + " of tenant "
                                    + tenant
                                    + "; restore the token from its backup, or a newer one of the"
                                    + " database if the key was destroyed since: no key is made in"
                                    + " its place");
                }
            }
        }
    }

    private FailureLimit aMinute(int failures) {
        return new FailureLimit(failures, Duration.ofMinutes(1), clock);
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }
}
