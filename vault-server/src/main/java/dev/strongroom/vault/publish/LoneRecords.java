package dev.strongroom.vault.publish;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey.AtRest;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.catalog.WrappedKeyTable.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has the records of pushes proven together once there are enough of them: a push writes one with a
 * MAC of its own, which the token would have to check alone in every rotation.
 *
 * <p>Nothing but the proof changes, each record stays verifiable alone, and one is replaced only
 * where it still is what was read. So this may end anywhere and run beside anything.
 *
 * <p>Thread-safe.
 */
final class LoneRecords {
    private static final int TOGETHER = 16; // as a rotation writes them

    private final Database database;
    private final KeyCustodian custodian;

    LoneRecords(Database database, KeyCustodian custodian) {
        this.database = database;
        this.custodian = custodian;
    }

    /** Looks at the newest records under a key; what is not authentic is left as it is. */
    void gather(TenantName tenant, int kek) throws CustodyException {
        List<Stored> newest =
                database.read(handle -> WrappedKeyTable.newest(handle, tenant, kek, TOGETHER));
        boolean due =
                newest.size() == TOGETHER
                        && newest.stream().allMatch(row -> AtRest.standsAlone(row.record()));
        if (!due) {
            return;
        }
        List<Optional<AtRest>> read =
                custodian.authenticateAll(newest.stream().map(Stored::record).toList());
        var rows = new ArrayList<Stored>();
        var keys = new ArrayList<AtRest>();
        for (int i = 0; i < TOGETHER; i++) {
            if (read.get(i).isPresent()) {
                rows.add(newest.get(i));
                keys.add(read.get(i).get());
            }
        }
        if (keys.isEmpty()) {
            return;
        }
        List<byte[]> records = custodian.gather(keys).stream().map(AtRest::encoded).toList();
        database.change(handle -> WrappedKeyTable.replaceUnchanged(handle, rows, records));
    }
}
