package dev.strongroom.vault.catalog;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDocument;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Every revision of every policy, as the owner signed it. Readers verify what they find here. Every
 * method works inside the caller's transaction.
 */
public final class PolicyTable {
    /**
     * One revision.
     *
     * @param envelope the owner's signed bytes
     * @param approvals of those who had to agree, signed; empty when nobody had to
     */
    public record Revision(byte[] envelope, Optional<byte[]> approvals) {}

    private PolicyTable() {}

    /** The signed bytes of the revision in force. */
    public static Optional<byte[]> latest(
            Handle handle, ModelName model, PolicyReference.Kind kind) {
        return handle.createQuery(
                        "SELECT envelope FROM policy WHERE tenant = :tenant AND model = :model"
                                + " AND kind = :kind ORDER BY seq DESC LIMIT 1")
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .bind("kind", kind.name())
                .map((row, _) -> row.getBytes(1))
                .findOne();
    }

    /** The last revisions, oldest first. */
    public static List<Revision> recent(
            Handle handle, ModelName model, PolicyReference.Kind kind, int limit) {
        return handle.createQuery(
                        "SELECT envelope, approvals FROM policy WHERE tenant = :tenant"
                                + " AND model = :model AND kind = :kind"
                                + " ORDER BY seq DESC LIMIT :limit")
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .bind("kind", kind.name())
                .bind("limit", limit)
                .map((row, _) ->
                        new Revision(
                                row.getBytes("envelope"),
                                Optional.ofNullable(row.getBytes("approvals"))))
                .list()
                .reversed();
    }

    public static void insert(
            Handle handle, PolicyDocument document, Revision revision, Instant now) {
        handle.createUpdate(
                        "INSERT INTO policy (tenant, model, kind, seq, id, envelope, approvals,"
                                + " set_at) VALUES (:tenant, :model, :kind, :seq, :id, :envelope,"
                                + " :approvals, :now)")
                .bind("tenant", document.scope().tenant().value())
                .bind("model", document.scope().name())
                .bind("kind", document.kind().name())
                .bind("seq", document.seq())
                .bind("id", document.id())
                .bind("envelope", revision.envelope())
                .bind("approvals", revision.approvals())
                .bind("now", now.toEpochMilli())
                .execute();
    }
}
