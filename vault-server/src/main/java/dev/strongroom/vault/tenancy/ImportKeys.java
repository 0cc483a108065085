package dev.strongroom.vault.tenancy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.ImportKeyTable;
import dev.strongroom.vault.catalog.ImportKeyTable.ImportKey;
import dev.strongroom.vault.catalog.ImportKeyTable.State;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * The keys that pushes are sealed to, and their certificates. The newest version has one that is
 * good for a while; an older version still opens what was sealed to it until the end of the last
 * certificate it had, and nothing after.
 *
 * <p>Thread-safe.
 */
public final class ImportKeys {
    /** What an import key is used for now. */
    public enum Use {
        /** Its certificate is given out. */
        CURRENT,
        /** Opens what was sealed to it; no certificate is given out for it. */
        SUPERSEDED,
        /** Opens nothing any more. */
        RETIRED
    }

    /** One version. */
    public record Standing(int version, Use use, Optional<Instant> notAfter, Instant createdAt) {}

    private static final Duration CERTIFICATE_VALIDITY = Duration.ofDays(365);
    private static final int A_DAY = 16; // each is an RSA key that stays in the token
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private final Database database;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final StatementSigner ceremony;
    private final byte[] ceremonySpki;
    private final InstantSource clock;
    private final Pace pace;
    private final ReentrantLock rotating = new ReentrantLock();

    public ImportKeys(
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
        this.pace = new Pace("rotations of the import key", A_DAY, Duration.ofDays(1), clock);
    }

    /**
     * The newest key as the ceremony key certifies it.
     *
     * @return DSSE envelope in canonical encoding
     */
    public byte[] certificate(Principal caller, TenantName tenant)
            throws RefusedException, CustodyException {
        ImportKey newest = ready(tenant).getLast();
        Optional<ImportCertificate> good =
                certificate(tenant, newest, clock.instant().plus(RENEW_BEFORE));
        return good.isPresent()
                ? newest.certificate().orElseThrow()
                : certify(caller, tenant, newest.version());
    }

    /** The versions that may open what is pushed now, newest first. */
    public List<Integer> thatOpen(TenantName tenant) throws RefusedException, CustodyException {
        List<Integer> versions = new ArrayList<>();
        for (Standing key : standings(tenant)) {
            if (key.use() != Use.RETIRED) {
                versions.addFirst(key.version());
            }
        }
        return versions;
    }

    /** Every version that the token has, lowest first. */
    public List<Standing> standings(TenantName tenant) throws RefusedException, CustodyException {
        List<ImportKey> keys = ready(tenant);
        List<Standing> standings = new ArrayList<>();
        for (ImportKey key : keys) {
            Optional<Instant> end =
                    certificate(tenant, key, clock.instant()).map(ImportCertificate::notAfter);
            Use older = end.isPresent() ? Use.SUPERSEDED : Use.RETIRED;
            boolean newest = key.version() == keys.getLast().version();
            standings.add(
                    new Standing(
                            key.version(), newest ? Use.CURRENT : older, end, key.createdAt()));
        }
        return standings;
    }

    /**
     * Every version that the log names and the token has. The newest one may have been announced
     * only; whether the token has it is the token's to say, not a row's.
     */
    private List<ImportKey> ready(TenantName tenant) throws RefusedException, CustodyException {
        List<ImportKey> named =
                database.<List<ImportKey>, RefusedException>write(handle -> {
                    TenantTable.require(handle, tenant);
                    List<ImportKey> rows = ImportKeyTable.all(handle, tenant);
                    requireNamed(tenant, rows);
                    return rows;
                });
        ImportKey newest = named.getLast();
        return newest.state() == State.READY || isInToken(tenant, newest.version())
                ? named
                : named.subList(0, named.size() - 1);
    }

    private void requireNamed(TenantName tenant, List<ImportKey> rows) throws RefusedException {
        int newest = log.views().importKeys().newest(tenant);
        boolean whole =
                rows.stream()
                        .map(ImportKey::version)
                        .toList()
                        .equals(IntStream.rangeClosed(1, newest).boxed().toList());
        if (!whole) {
            throw new RefusedException(
                    Reason.TENANT_NOT_AUTHENTIC,
                    "the stored import keys of tenant "
                            + tenant
                            + " are not those that the audit log names, 1 to "
                            + newest
                            + "; restore the database from a backup");
        }
    }

    private boolean isInToken(TenantName tenant, int version) throws CustodyException {
        try {
            return custodian.importKeySpki(tenant, version).length > 0;
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.KEY_NOT_FOUND
                    || e.reason() == CustodyException.Reason.KEY_ATTRIBUTES) {
                return false; // announced, and not made or torn
            }
            throw e;
        }
    }

    /** The stored certificate, if it is ours, of this key, and good until then at least. */
    private Optional<ImportCertificate> certificate(TenantName tenant, ImportKey key, Instant until)
            throws CustodyException {
        if (key.certificate().isEmpty()) {
            return Optional.empty();
        }
        try {
            var certificate =
                    ImportCertificate.verify(
                            Dsse.decode(key.certificate().get()),
                            ceremonySpki,
                            P256.keyId(ceremonySpki),
                            until);
            boolean ours =
                    certificate.tenant().equals(tenant)
                            && Arrays.equals(
                                    certificate.spki(),
                                    custodian.importKeySpki(tenant, key.version()));
            return ours ? Optional.of(certificate) : Optional.empty();
        } catch (SealedFormatException e) {
            return Optional.empty(); // expired, or changed: it counts for nothing
        }
    }

    private byte[] certify(Principal caller, TenantName tenant, int version)
            throws RefusedException, CustodyException {
        CustodianInfo info = custodian.info();
        byte[] spki = custodian.importKeySpki(tenant, version);
        Instant notAfter = clock.instant().plus(CERTIFICATE_VALIDITY);
        var certificate =
                new ImportCertificate(
                        spki, tenant, info.module(), info.level(), info.oaepHash(), notAfter);
        log.appendSigned(
                Decision.of(AuditRecord.CERTIFICATE_ISSUED, caller.uri(), tenant.value())
                        .with("purpose", "import")
                        .with("tenant", tenant)
                        .with("version", version)
                        .with("key", Digest.sha256(spki))
                        .with("not-after", notAfter));
        byte[] envelope = sign(certificate);
        database.change(handle -> ImportKeyTable.setCertificate(handle, tenant, version, envelope));
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

    /**
     * Makes the next version, whose certificate is given out from now on. Stopped in the middle,
     * the same call goes on.
     *
     * @return the new version
     */
    public int rotate(Principal caller, TenantName tenant)
            throws RefusedException, CustodyException {
        rotating.lock();
        try {
            int newest = ready(tenant).getLast().version();
            List<ImportKey> all = database.read(handle -> ImportKeyTable.all(handle, tenant));
            int next = newest + 1;
            if (all.getLast().version() < next) {
                pace.step(tenant.value());
                announce(caller, tenant, next);
            }
            FaultPoint.IMPORT_KEY_AUDITED.reached();
            make(tenant, next);
            return next;
        } finally {
            rotating.unlock();
        }
    }

    private void announce(Principal caller, TenantName tenant, int version)
            throws RefusedException {
        log.<RuntimeException>appendSigned(handle -> {
            ImportKeyTable.insertPending(handle, tenant, version, clock.instant());
            return Decision.of(AuditRecord.IMPORT_KEY_CREATED, caller.uri(), tenant.value())
                    .with("tenant", tenant)
                    .with("version", version);
        });
    }

    /** Makes an announced key, unless a call that was interrupted has done so. */
    void make(TenantName tenant, int version) throws CustodyException {
        custodian.discardTornImportKey(tenant, version);
        try {
            custodian.createImportKey(tenant, version);
        } catch (CustodyException e) {
            if (e.reason() != CustodyException.Reason.KEY_EXISTS) {
                throw e;
            }
        }
        database.change(handle -> ImportKeyTable.markReady(handle, tenant, version));
    }
}
