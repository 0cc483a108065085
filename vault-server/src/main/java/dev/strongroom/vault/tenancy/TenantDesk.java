package dev.strongroom.vault.tenancy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.ImportKeyTable;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.TenantTable.State;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes tenants: an owner root, an import key and the first key-encryption key. Stopped in the
 * middle, the same call goes on; a key that should be in the token and is not is never made again.
 *
 * <p>Thread-safe; one creation at a time.
 */
public final class TenantDesk {
    private static final int FIRST_KEK = 1;
    private static final int FIRST_IMPORT_KEY = 1;

    private final Database database;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final ImportKeys imports;
    private final InstantSource clock;
    private final ReentrantLock creating = new ReentrantLock();

    public TenantDesk(
            Database database,
            AuditLog log,
            KeyCustodian custodian,
            ImportKeys imports,
            InstantSource clock) {
        this.database = database;
        this.log = log;
        this.custodian = custodian;
        this.imports = imports;
        this.clock = clock;
    }

    /**
     * Makes a tenant.
     *
     * @param ownerSpki its owner root, P-256
     * @throws RefusedException TENANT_EXISTS, unless it is the same owner's unfinished one
     */
    public Tenant create(Principal caller, TenantName name, byte[] ownerSpki)
            throws RefusedException, CustodyException {
        if (name.value().equals(Principal.WHOLE_VAULT)) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED, "tenant: - stands for the whole vault");
        }
        requireP256(ownerSpki);
        creating.lock();
        try {
            Optional<Tenant> known = database.read(handle -> TenantTable.find(handle, name));
            if (known.isPresent()) {
                requireUnfinished(known.get(), ownerSpki);
            } else {
                log.views().owners().requireNew(name);
                announce(caller, name, ownerSpki);
            }
            FaultPoint.TENANT_AUDITED.reached();
            makeKeys(name);
            database.change(handle -> {
                KekTable.move(
                        handle, name, FIRST_KEK, KekTable.State.PENDING, KekTable.State.ACTIVE);
                TenantTable.markReady(handle, name);
            });
            return database.read(handle -> TenantTable.require(handle, name));
        } finally {
            creating.unlock();
        }
    }

    private static void requireP256(byte[] spki) throws RefusedException {
        try {
            P256.publicKey(spki);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED, "owner root: " + e.getMessage(), e);
        }
    }

    private static void requireUnfinished(Tenant known, byte[] ownerSpki) throws RefusedException {
        if (known.state() != State.PENDING || !Arrays.equals(known.ownerSpki(), ownerSpki)) {
            throw new RefusedException(
                    Reason.TENANT_EXISTS,
                    "tenant " + known.name() + " exists with owner " + known.ownerId());
        }
    }

    private void announce(Principal caller, TenantName name, byte[] ownerSpki)
            throws RefusedException {
        log.<RuntimeException>appendSigned(handle -> {
            TenantTable.insertPending(handle, name, ownerSpki, clock.instant());
            KekTable.insertPending(handle, name, FIRST_KEK, clock.instant());
            ImportKeyTable.insertPending(handle, name, FIRST_IMPORT_KEY, clock.instant());
            return Decision.of(AuditRecord.TENANT_CREATED, caller.uri(), name.value())
                    .with("tenant", name)
                    .with("owner", Digest.sha256(ownerSpki))
                    .with("kek", FIRST_KEK);
        });
    }

    private void makeKeys(TenantName name) throws CustodyException {
        imports.make(name, FIRST_IMPORT_KEY);
        boolean hasKek =
                custodian.keks(name).stream()
                        .filter(KekInfo::isUsable)
                        .map(KekInfo::version)
                        .anyMatch(v -> v == FIRST_KEK);
        if (!hasKek) {
            custodian.discardTornKek(name, FIRST_KEK);
            custodian.createKek(name, FIRST_KEK);
        }
        FaultPoint.KEK_CREATED.reached();
    }
}
