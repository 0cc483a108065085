package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.RefusedException;

/** Retires keys that a rotation has emptied, once the token says that they are empty. */
final class Retirement {
    private final Resources resources;

    Retirement(Resources resources) {
        this.resources = resources;
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
