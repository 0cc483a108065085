package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Approval requests and what was said of them, as signed. Readers verify what they find here. Every
 * method works inside the caller's transaction.
 */
public final class ApprovalTable {
    /**
     * One request.
     *
     * @param statement the requester's signed bytes
     * @param document what is to be approved
     */
    public record Request(byte[] statement, byte[] document) {}

    private ApprovalTable() {}

    public static void insert(
            Handle handle, ApprovalRequest request, String tenant, Request stored) {
        handle.createUpdate(
                        "INSERT INTO approval_request (id, tenant, statement, document)"
                                + " VALUES (:id, :tenant, :statement, :document)")
                .bind("id", request.id())
                .bind("tenant", tenant)
                .bind("statement", stored.statement())
                .bind("document", stored.document())
                .execute();
    }

    public static Optional<Request> find(Handle handle, String id) {
        return handle.createQuery("SELECT * FROM approval_request WHERE id = :id")
                .bind("id", id)
                .map((row, _) -> new Request(row.getBytes("statement"), row.getBytes("document")))
                .findOne();
    }

    /** Of every request that is stored. */
    public static List<String> ids(Handle handle) {
        return handle.createQuery("SELECT id FROM approval_request").mapTo(String.class).list();
    }

    /** Forgets what was signed of a request. */
    public static void delete(Handle handle, String id) {
        handle.createUpdate("DELETE FROM approval_answer WHERE id = :id").bind("id", id).execute();
        handle.createUpdate("DELETE FROM approval_request WHERE id = :id").bind("id", id).execute();
    }

    public static void insertAnswer(
            Handle handle, String id, Word word, ApprovalStatement statement) {
        handle.createUpdate(
                        "INSERT INTO approval_answer (id, approver, word, statement)"
                                + " VALUES (:id, :approver, :word, :statement)")
                .bind("id", id)
                .bind("approver", statement.signer().hex())
                .bind("word", word.name())
                .bind("statement", statement.encode())
                .execute();
    }

    /** The signed bytes of a request's approvals, by approver. */
    public static List<byte[]> approvals(Handle handle, String id) {
        return handle.createQuery(
                        "SELECT statement FROM approval_answer WHERE id = :id AND word = 'APPROVED'"
                                + " ORDER BY approver")
                .bind("id", id)
                .map((row, _) -> row.getBytes(1))
                .list();
    }
}
