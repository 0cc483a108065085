package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The last move of each alias, as the owner signed it. Readers verify what they find here. Every
 * method works inside the caller's transaction.
 */
public final class AliasTable {
    private AliasTable() {}

    /** The signed bytes of an alias's last move. */
    public static Optional<byte[]> find(Handle handle, ModelName model, AliasName alias) {
        return handle.createQuery(
                        "SELECT envelope FROM alias WHERE tenant = :tenant AND model = :model"
                                + " AND alias = :alias")
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .bind("alias", alias.value())
                .map((row, _) -> row.getBytes(1))
                .findOne();
    }

    /** Of all aliases that a model ever had, sorted by name. */
    public static List<byte[]> all(Handle handle, ModelName model) {
        return handle.createQuery(
                        "SELECT envelope FROM alias WHERE tenant = :tenant AND model = :model"
                                + " ORDER BY alias")
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .map((row, _) -> row.getBytes(1))
                .list();
    }

    /** Puts a move in the place of the one before. */
    public static void put(Handle handle, ModelName model, AliasName alias, byte[] envelope) {
        handle.createUpdate(
                        "INSERT INTO alias (tenant, model, alias, envelope)"
                                + " VALUES (:tenant, :model, :alias, :envelope)"
                                + " ON CONFLICT DO UPDATE SET envelope = :envelope")
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .bind("alias", alias.value())
                .bind("envelope", envelope)
                .execute();
    }
}
