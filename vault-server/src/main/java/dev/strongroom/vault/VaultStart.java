package dev.strongroom.vault;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Foreground;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.ServerTls;
import dev.strongroom.vault.admin.Health;
import dev.strongroom.vault.admin.HttpEndpoint;
import dev.strongroom.vault.admin.TokenWatch;
import dev.strongroom.vault.approval.Roster;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.TailKey;
import dev.strongroom.vault.audit.Witnesses;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.Meta;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.decoy.DecoyWatch;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.Sweep;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import dev.strongroom.vault.rotation.Rotations;
import dev.strongroom.vault.rpc.GrpcEndpoint;
import dev.strongroom.vault.store.ObjectStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
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
        OwnKeys ownKeys = ownKeys(database, custodian, ceremony);
        AuditLog log =
                AuditLog.open(
                        database,
                        ownKeys,
                        new TailKey(custodian.logSecret()),
                        opened(new Witnesses(config.witnesses(), clock)),
                        clock);
        ownKeys.find(custodian, log.views().ownKeys());
        long epoch = database.write(Meta.BOOT_EPOCH::increment);
        database.change(handle -> BootTable.forgetNoncesBefore(handle, epoch));
        parts.push(log::checkpoint); // whatever is left unsigned at the end
        recordStart(log, custodian, epoch);
        ObjectStore store = ObjectStore.open(config.dataDir());
        opened(new Sweep(database, store, config.limits().unfinishedAge(), clock)).start();
        DecoyWatch decoys = opened(DecoyWatch.open(database, log, clock));
        var authority = new CertificateAuthority(ownKeys::issuer, clock, random);
        var desks =
                new VaultDesks(
                        new VaultDesks.Ground(
                                config, verifier, clock, random, database, store, log, custodian,
                                ceremony, ownKeys, authority, decoys, epoch));
        Rotations rotations = rotations(database, log, custodian);
        return listen(desks.open(rotations), authority, ceremony.keyId());
    }

    private OwnKeys ownKeys(Database database, KeyCustodian custodian, TokenSigner ceremony)
            throws StartupException {
        byte[] envelope = DataFolder.unhex(DataFolder.require(database, Meta.VAULT_IDENTITY));
        VaultIdentity identity = DataFolder.requireIdentity(envelope, ceremony);
        DataFolder.requireSame(identity, verifier, custodian.info().level());
        return new OwnKeys(identity, envelope, clock, random);
    }

    private void recordStart(AuditLog log, KeyCustodian custodian, long epoch)
            throws RefusedException {
        log.appendSigned(
                Decision.of(AuditRecord.VAULT_STARTED, Decision.VAULT, Principal.WHOLE_VAULT)
                        .with("boot-epoch", epoch)
                        .with("tee", verifier.tee().label())
                        .with("attestation-root", verifier.rootFingerprint())
                        .with("trust-level", custodian.info().level())
                        .with("approvers", Roster.digest(config.approvals())));
        Roster.record(config.approvals(), log);
    }

    private Rotations rotations(Database database, AuditLog log, KeyCustodian custodian) {
        Rotations rotations =
                opened(
                        new Rotations(
                                database,
                                log,
                                custodian,
                                config.limits().rotationBatch(),
                                new Foreground(),
                                clock));
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
        desks.ownKeys().onChange(desks.watches()::reopen);
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

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }
}
