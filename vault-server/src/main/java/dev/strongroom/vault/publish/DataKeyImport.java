package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.tenancy.ImportKeys;

/**
 * Has the token take in the data key that a manifest names. Every fault of the ciphertext is
 * refused alike, and whoever fails often must wait.
 *
 * <p>Thread-safe.
 */
public final class DataKeyImport {
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final ImportKeys imports;
    private final FailureLimit failures;

    /**
     * @param failures by tenant
     */
    public DataKeyImport(
            AuditLog log, KeyCustodian custodian, ImportKeys imports, FailureLimit failures) {
        this.log = log;
        this.custodian = custodian;
        this.imports = imports;
        this.failures = failures;
    }

    /**
     * Refuses a tenant that failed too often.
     *
     * @throws RefusedException TOO_MANY_FAILURES
     */
    public void check(TenantName tenant) throws RefusedException {
        failures.check(tenant.value());
    }

    /**
     * Refuses a ciphertext that is not the one whose digest the seal statement has.
     *
     * @throws RefusedException AuditRecord.IMPORT_REFUSED
     */
    public void requireDeclared(
            Principal caller, VerifiedManifest manifest, byte[] importCiphertext)
            throws RefusedException {
        if (!Digest.sha256(importCiphertext).equals(manifest.seal().importCiphertextDigest())) {
            throw refused(caller, manifest);
        }
    }

    /**
     * Imports.
     *
     * @param kek version to wrap under
     * @throws RefusedException AuditRecord.IMPORT_REFUSED
     * @throws CustodyException KEK_RETIRED among others
     */
    public WrappedKey.AtRest run(
            Principal caller, VerifiedManifest manifest, byte[] importCiphertext, int kek)
            throws RefusedException, CustodyException {
        ContentStatement content = manifest.content();
        var binding =
                new WrapBinding(
                        content.model(), content.versionId(), content.ownerId(), manifest.digest());
        for (int version : imports.thatOpen(content.model().tenant())) {
            try {
                return custodian.importWrapped(importCiphertext, binding, version, kek);
            } catch (CustodyException e) {
                if (e.reason() != CustodyException.Reason.IMPORT_REFUSED) {
                    throw e;
                }
            }
        }
        throw refused(caller, manifest);
    }

    private RefusedException refused(Principal caller, VerifiedManifest manifest) {
        String tenant = manifest.content().model().tenant().value();
        failures.failed(tenant);
        log.append(
                Decision.of(AuditRecord.IMPORT_REFUSED, caller.uri(), tenant)
                        .with("model", manifest.content().model())
                        .with("version-id", manifest.content().versionId())
                        .with("manifest", manifest.digest()));
        return new RefusedException(
                Reason.IMPORT_REFUSED,
                "the wrapped key was refused; check the import certificate, then push again");
    }
}
