package dev.strongroom.vault;

import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.approval.ApprovalLedger;
import dev.strongroom.vault.approval.ApprovalView;
import dev.strongroom.vault.approval.ChangeRules;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.backup.Backups;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.decoy.DecoyDesk;
import dev.strongroom.vault.decoy.DecoyWatch;
import dev.strongroom.vault.guard.GuardDesk;
import dev.strongroom.vault.guard.MeasureDesk;
import dev.strongroom.vault.ownkeys.OwnKeyDesk;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.ownkeys.Succession;
import dev.strongroom.vault.publish.AliasDesk;
import dev.strongroom.vault.publish.Committer;
import dev.strongroom.vault.publish.DataKeyImport;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.publish.PolicyDesk;
import dev.strongroom.vault.publish.Publisher;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.release.Appraiser;
import dev.strongroom.vault.release.Challenges;
import dev.strongroom.vault.release.LeaseDesk;
import dev.strongroom.vault.release.LeaseOffice;
import dev.strongroom.vault.release.ReleaseDesk;
import dev.strongroom.vault.release.RenewalDesk;
import dev.strongroom.vault.release.ResultOffice;
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
import dev.strongroom.vault.watch.FingerprintDesk;
import dev.strongroom.vault.watch.LeaseWatches;
import dev.strongroom.vault.watch.RevocationDesk;
import dev.strongroom.vault.watch.ZeroisationDesk;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Everything that the services stand on, put together by hand, in the order in which one needs the
 * other. What has to be closed is opened by whoever starts the vault.
 */
final class VaultDesks {
    private static final int IMPORT_FAILURES_A_MINUTE = 10;
    private static final int REFUSED_LEASES_A_MINUTE = 60; // of a release and of a renewal each

    /** What there is before any desk. */
    record Ground(
            VaultConfig config,
            EvidenceVerifier verifier,
            InstantSource clock,
            SecureRandom random,
            Database database,
            ObjectStore store,
            AuditLog log,
            KeyCustodian custodian,
            TokenSigner ceremony,
            OwnKeys ownKeys,
            CertificateAuthority authority,
            DecoyWatch decoys,
            long epoch) {}

    private final Ground ground;
    private final VaultConfig config;
    private final Database database;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final OwnKeys ownKeys;
    private final InstantSource clock;
    private final ApprovalLedger ledger;
    private final PoliciesInForce policies;
    private final PolicyDesk policyDesk;
    private final ChangeRules rules;
    private final ApprovalDesk approvals;
    private final Versions versions;
    private final ImportKeys importKeys;
    private final DataKeyImport imports;
    private final ResealRules resealRules;
    private final Challenges challenges;
    private final StillGood stillGood;
    private final ResultOffice results;
    private final LeaseOffice office;
    private final Appraiser appraiser;

    VaultDesks(Ground ground) {
        this.ground = ground;
        config = ground.config();
        database = ground.database();
        log = ground.log();
        custodian = ground.custodian();
        ownKeys = ground.ownKeys();
        clock = ground.clock();
        TokenSigner ceremony = ground.ceremony();
        EvidenceVerifier verifier = ground.verifier();
        ledger = new ApprovalLedger(log, clock);
        policies = new PoliciesInForce(database, log);
        policyDesk = new PolicyDesk(log, policies, ledger, clock);
        rules = new ChangeRules(config.approvals(), policyDesk);
        approvals = new ApprovalDesk(log, ledger, rules, clock);
        versions = new Versions(database, log, policies, verifier, ownKeys, clock);
        importKeys = new ImportKeys(database, log, custodian, ceremony, ceremony.spki(), clock);
        imports = new DataKeyImport(log, custodian, importKeys, aMinute(IMPORT_FAILURES_A_MINUTE));
        resealRules = new ResealRules(versions, policies, clock);
        challenges = new Challenges(ground.epoch(), clock, ground.random());
        stillGood = new StillGood(log, challenges, policies, ownKeys);
        results = new ResultOffice(log, ownKeys, clock);
        office = new LeaseOffice(log, ownKeys, results, ground.authority(), config.limits(), clock);
        appraiser =
                new Appraiser(database, versions, policies, custodian, verifier, ownKeys, clock);
    }

    /** All of them, once what ran out while the vault was down is written down. */
    GrpcEndpoint.Desks open(Rotations rotations) throws IOException, RefusedException {
        approvals.endOutdated();
        Backups backups =
                Backups.open(config.dataDir(), database, log, config.limits().backups(), clock);
        DecoyWatch decoys = ground.decoys();
        var watches = new LeaseWatches(log, ownKeys::signing, decoys::credentialsOf, clock);
        return new GrpcEndpoint.Desks(
                database,
                ground.store(),
                log,
                custodian,
                new Publisher(database, ground.store(), versions, config.limits(), clock),
                committer(),
                versions,
                policyDesk,
                policies,
                new AliasDesk(database, log, versions, clock),
                new TenantDesk(database, log, custodian, importKeys, clock),
                importKeys,
                new IdentityDesk(database, log, ground.authority()),
                rotations,
                backups,
                destruction(backups),
                leases(),
                results,
                watches,
                new RevocationDesk(log, watches, clock),
                new ZeroisationDesk(log),
                new FingerprintDesk(log, clock),
                approvals,
                new ApprovalView(database, log, ledger, rules, clock),
                reseal(),
                swap(),
                ownKeys,
                ownKeyDesk(backups),
                new GuardDesk(database, log, policies, clock),
                new MeasureDesk(log, watches, clock),
                decoys,
                new DecoyDesk(database, log, decoys, approvals, clock, ground.random()));
    }

    private Committer committer() {
        return new Committer(
                database,
                ground.store(),
                log,
                custodian,
                versions,
                ownKeys,
                ground.verifier().rootFingerprint(),
                imports);
    }

    private Destruction destruction(Backups backups) {
        return new Destruction(
                database,
                log,
                custodian,
                backups,
                approvals,
                config.limits().destroyAfter(),
                clock);
    }

    private LeaseDesk leases() {
        return new LeaseDesk(
                log,
                challenges,
                appraiser,
                new ReleaseDesk(log, custodian, office, challenges, stillGood),
                new RenewalDesk(log, challenges, stillGood, office, clock),
                aMinute(REFUSED_LEASES_A_MINUTE));
    }

    private ResealDesk reseal() {
        return new ResealDesk(
                database,
                ground.store(),
                log,
                versions,
                resealRules,
                challenges,
                aMinute(REFUSED_LEASES_A_MINUTE),
                ownKeys,
                clock);
    }

    private SealSwap swap() {
        return new SealSwap(
                database,
                ground.store(),
                log,
                custodian,
                versions,
                resealRules,
                imports,
                ownKeys,
                ground.verifier().rootFingerprint(),
                clock);
    }

    private OwnKeyDesk ownKeyDesk(Backups backups) {
        return new OwnKeyDesk(
                log,
                custodian,
                ownKeys,
                new Succession(ground.ceremony(), clock, ground.random()),
                approvals,
                backups);
    }

    private FailureLimit aMinute(int failures) {
        return new FailureLimit(failures, Duration.ofMinutes(1), clock);
    }
}
