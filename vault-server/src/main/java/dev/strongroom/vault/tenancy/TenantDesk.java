package dev.strongroom.vault.tenancy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.TenantTable.State;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
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
    private static final Duration CERTIFICATE_VALIDITY = Duration.ofDays(365);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private final Database database;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final StatementSigner ceremony;
    private final byte[] ceremonySpki;
    private final InstantSource clock;
    private final ReentrantLock creating = new ReentrantLock();

    public TenantDesk(
            Database database,
            AuditLog log,
            KeyCustodian custodian,
            StatementSigner ceremony,
            byte[] ceremonySpki,
            InstantSource clock) {
        this.database = database;
        this.log = log;
        this.custodian = custodian;
        this.ceremony = ceremony;
        this.ceremonySpki = ceremonySpki.clone();
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
                log.owners().requireNew(name);
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
            return Decision.of(AuditRecord.TENANT_CREATED, caller.uri(), name.value())
                    .with("tenant", name)
                    .with("owner", Digest.sha256(ownerSpki))
                    .with("kek", FIRST_KEK);
        });
    }

    private void makeKeys(TenantName name) throws CustodyException {
        try {
            custodian.createImportKey(name, FIRST_IMPORT_KEY);
        } catch (CustodyException e) {
            requireExists(e); // made before the crash that this call goes on from
        }
        boolean hasKek =
                custodian.keks(name).stream().map(KekInfo::version).anyMatch(v -> v == FIRST_KEK);
        if (!hasKek) {
            custodian.createKek(name, FIRST_KEK);
        }
        FaultPoint.KEK_CREATED.reached();
    }

    private static void requireExists(CustodyException e) throws CustodyException {
        if (e.reason() != CustodyException.Reason.KEY_EXISTS) {
            throw e;
        }
    }

    /**
     * The tenant's import key as the ceremony key certifies it.
     *
     * @return DSSE envelope in canonical encoding
     */
    public byte[] importCertificate(Principal caller, TenantName name)
            throws RefusedException, CustodyException {
        database.read(handle -> TenantTable.require(handle, name));
        Optional<byte[]> stored =
                database.read(handle -> TenantTable.importCertificate(handle, name));
        if (stored.isPresent() && isGood(stored.get(), name)) {
            return stored.get();
        }
        return certify(caller, name);
    }

    private boolean isGood(byte[] envelope, TenantName name) throws CustodyException {
        try {
            var certificate =
                    ImportCertificate.verify(
                            Dsse.decode(envelope),
                            ceremonySpki,
                            P256.keyId(ceremonySpki),
                            clock.instant().plus(RENEW_BEFORE));
            return certificate.tenant().equals(name)
                    && Arrays.equals(
                            certificate.spki(), custodian.importKeySpki(name, FIRST_IMPORT_KEY));
        } catch (SealedFormatException e) {
            return false; // expires soon, or was changed: a new one takes its place
        }
    }

    private byte[] certify(Principal caller, TenantName name)
            throws RefusedException, CustodyException {
        CustodianInfo info = custodian.info();
        byte[] spki = custodian.importKeySpki(name, FIRST_IMPORT_KEY);
        Instant notAfter = clock.instant().plus(CERTIFICATE_VALIDITY);
        var certificate =
                new ImportCertificate(
                        spki, name, info.module(), info.level(), info.oaepHash(), notAfter);
        log.appendSigned(
                Decision.of(AuditRecord.CERTIFICATE_ISSUED, caller.uri(), name.value())
                        .with("purpose", "import")
                        .with("tenant", name)
                        .with("key", Digest.sha256(spki))
                        .with("not-after", notAfter));
        byte[] envelope = sign(certificate);
        database.change(handle -> TenantTable.setImportCertificate(handle, name, envelope));
        return envelope;
    }

    private byte[] sign(ImportCertificate certificate) throws RefusedException {
        try {
            return certificate.sign(ceremony).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign; check it with: strongroom doctor",
                    e);
        }
    }
}
