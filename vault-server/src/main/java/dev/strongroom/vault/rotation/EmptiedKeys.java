package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.catalog.RotationTable.State;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.Optional;

/** Keys that a rotation emptied and did not come to retire. */
final class EmptiedKeys {
    private final Resources resources;
    private final RotationRuns runs;

    EmptiedKeys(Resources resources, RotationRuns runs) {
        this.resources = resources;
        this.runs = runs;
    }

    /**
     * The rotation that emptied a key and ended before it could retire it; none for a key that is
     * retired.
     *
     * @throws RefusedException KEK_NOT_FOUND; ROTATION_BUSY while it runs; KEK_IN_USE if something
     *     is under the key, as the token authenticates
     */
    Optional<Rotation> find(TenantName tenant, int version)
            throws RefusedException, CustodyException, InterruptedException {
        return switch (requireKek(tenant, version).state()) {
            case RETIRED, DESTROYING, DESTROYED -> Optional.empty();
            case PENDING, ACTIVE ->
                    throw inUse(tenant, version, "new records go under it; rotate first");
            case RETIRING -> {
                requireNoneRunning(tenant);
                requireNothingUnder(tenant, version);
                yield Optional.of(unfinished(tenant, version));
            }
        };
    }

    private void requireNoneRunning(TenantName tenant) throws RefusedException {
        if (runs.of(tenant).isPresent()) {
            throw new RefusedException(
                    Reason.ROTATION_BUSY,
                    "the rotation that empties it is running and retires it by itself");
        }
    }

    /** The key, as the catalogue has it. */
    private Kek requireKek(TenantName tenant, int version) throws RefusedException {
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

    private void requireNothingUnder(TenantName tenant, int version)
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
    }

    private Rotation unfinished(TenantName tenant, int version) throws RefusedException {
        return resources
                .database()
                .read(handle -> RotationTable.latest(handle, tenant))
                .filter(rotation -> rotation.from() == version)
                .filter(rotation -> rotation.state() != State.FINISHED)
                .orElseThrow(
                        () -> inUse(tenant, version, "the latest rotation emptied another key"));
    }

    private static RefusedException inUse(TenantName tenant, int version, String why) {
        return new RefusedException(
                Reason.KEK_IN_USE,
                "key-encryption key " + tenant + "/" + version + " is in use: " + why);
    }
}
