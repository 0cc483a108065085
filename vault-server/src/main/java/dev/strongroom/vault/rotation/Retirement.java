package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.catalog.RotationTable.State;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;

/** Retires keys that a rotation has emptied, once the token says that they are empty. */
final class Retirement {
    private final Resources resources;

    Retirement(Resources resources) {
        this.resources = resources;
    }

    /** The key, as the catalogue has it. */
    Kek requireKek(TenantName tenant, int version) throws RefusedException {
        return resources
                .database()
                .<Kek, RefusedException>read(handle -> {
                    TenantTable.require(handle, tenant);
                    return KekTable.find(handle, tenant, version)
                            .orElseThrow(() ->
                                    new RefusedException(
                                            Reason.KEK_NOT_FOUND,
                                            "no key-encryption key "
                                                    + tenant
                                                    + "/"
                                                    + version
                                                    + "; list them with: strongroom keys status"));
                });
    }

    /**
     * The rotation that emptied a key and ended before it could retire it.
     *
     * @throws RefusedException KEK_IN_USE if something is under it, as the token authenticates
     */
    Rotation emptied(TenantName tenant, int version)
            throws RefusedException, CustodyException, InterruptedException {
        Inspection.Finding finding =
                Inspection.of(resources.database(), resources.custodian()).of(tenant, version);
        if (!finding.isClear()) {
            throw inUse(
                    tenant,
                    version,
                    finding.under().size()
                            + " record(s) are under it and "
                            + finding.changed().size()
                            + " were changed outside the vault; go on with: strongroom keys resume");
        }
        return resources
                .database()
                .read(handle -> RotationTable.latest(handle, tenant))
                .filter(rotation -> rotation.from() == version)
                .filter(rotation -> rotation.state() != State.FINISHED)
                .orElseThrow(
                        () -> inUse(tenant, version, "the latest rotation emptied another key"));
    }

    static RefusedException inUse(TenantName tenant, int version, String why) {
        return new RefusedException(
                Reason.KEK_IN_USE,
                "key-encryption key " + tenant + "/" + version + " is in use: " + why);
    }

    /** Retires the old key, first in the token, and ends the rotation. */
    void retire(Rotation rotation) throws RefusedException, CustodyException {
        FaultPoint.BEFORE_RETIRE.reached();
        resources.custodian().retireKek(rotation.tenant(), rotation.from());
        FaultPoint.RETIRED_IN_TOKEN.reached();
        resources
                .log()
                .<RuntimeException>appendSigned(handle -> {
                    KekTable.retire(
                            handle, rotation.tenant(), rotation.from(), LeafTable.next(handle));
                    RotationTable.finish(handle, rotation, resources.clock().instant());
                    return RotationJob.about(AuditRecord.KEK_RETIRED, rotation);
                });
    }
}
