package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.util.List;

/**
 * What the log says of everything that it decides about, read from its records as they come: tables
 * only find what these confirm.
 *
 * <p>Thread-safe, as each of them is.
 */
public final class LogViews {
    private final PolicyHistory policies = new PolicyHistory();
    private final AliasHistory aliases = new AliasHistory();
    private final SealHistory seals = new SealHistory();
    private final TenantOwners owners = new TenantOwners();
    private final IssuedKeys keys = new IssuedKeys();
    private final ApprovalHistory approvals = new ApprovalHistory();
    private final Revocations revocations = new Revocations();
    private final LeaseHistory leases = new LeaseHistory();
    private final OwnKeyHistory ownKeys = new OwnKeyHistory();
    private final ImportKeyHistory importKeys = new ImportKeyHistory();
    private final BackupHistory backups = new BackupHistory();
    private final CommittedVersions committed = new CommittedVersions();
    private final DecoyHistory decoys = new DecoyHistory();
    private final Quarantines quarantines = new Quarantines();
    private final MeasureHistory measures = new MeasureHistory();
    private final ActorHistory actors = new ActorHistory();
    private final List<LogView> all =
            List.of(
                    policies,
                    aliases,
                    seals,
                    owners,
                    keys,
                    approvals,
                    revocations,
                    leases,
                    ownKeys,
                    importKeys,
                    backups,
                    committed,
                    decoys,
                    quarantines,
                    measures,
                    actors);

    LogViews() {}

    /** Tells all of them of the next record. */
    void add(AuditRecord record, long index) {
        all.forEach(view -> view.add(record, index));
    }

    /** Which policies the log says are in force. */
    public PolicyHistory policies() {
        return policies;
    }

    /** What the log says each alias means. */
    public AliasHistory aliases() {
        return aliases;
    }

    /** Which seals the log says are in force. */
    public SealHistory seals() {
        return seals;
    }

    /** Which owner the log says each tenant has. */
    public TenantOwners owners() {
        return owners;
    }

    /** Which client keys the log says were certified, and which were withdrawn. */
    public IssuedKeys issuedKeys() {
        return keys;
    }

    /** What the log says is revoked. */
    public Revocations revocations() {
        return revocations;
    }

    /** Which leases the log says nodes were given, and what ended them. */
    public LeaseHistory leases() {
        return leases;
    }

    /** How many import keys the log says each tenant was given. */
    public ImportKeyHistory importKeys() {
        return importKeys;
    }

    /** Which copies of the database the log says are kept. */
    public BackupHistory backups() {
        return backups;
    }

    /** Which decoys the log says are planted. */
    public DecoyHistory decoys() {
        return decoys;
    }

    /** Who the log says touched one. */
    public Quarantines quarantines() {
        return quarantines;
    }

    /** Who the log says ever did something. */
    public ActorHistory actors() {
        return actors;
    }

    /** What the log says people have guards hold against callers. */
    public MeasureHistory measures() {
        return measures;
    }

    /** Which versions the log says were ever committed. */
    public CommittedVersions committed() {
        return committed;
    }

    /** Which versions of its own keys the log says the vault uses. */
    public OwnKeyHistory ownKeys() {
        return ownKeys;
    }

    /** Which approvals the log says were asked for, given and used. */
    public ApprovalHistory approvals() {
        return approvals;
    }
}
