package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** A copy of a vault's database in a file of its own, only ever read. */
public final class DatabaseCopy {
    private final Jdbi jdbi;

    private DatabaseCopy(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Opens a copy; a file that is none fails at the first question. */
    public static DatabaseCopy of(Path file) {
        return new DatabaseCopy(
                Jdbi.create("jdbc:sqlite:file:" + file.toUri().getRawPath() + "?mode=ro"));
    }

    /** The key-encryption keys that its records' rows name, as tenant/version; not verified. */
    public List<String> keks() throws IOException {
        return ask(handle ->
                handle.createQuery(
                                "SELECT DISTINCT tenant || '/' || kek_version FROM wrapped_key"
                                        + " ORDER BY 1")
                        .mapTo(String.class)
                        .list());
    }

    /** Leaves of the audit log in it. */
    public long logSize() throws IOException {
        return ask(LeafTable::next);
    }

    /** {@link WrappedKeyTable#pageOfAll} of the copy. */
    public List<WrappedKeyTable.Row> pageOfAll(TenantName tenant, long after, int limit)
            throws IOException {
        return ask(handle -> WrappedKeyTable.pageOfAll(handle, tenant, after, limit));
    }

    private interface Question<R> {
        R of(Handle handle);
    }

    private <R> R ask(Question<R> question) throws IOException {
        try {
            return jdbi.<R, RuntimeException>withHandle(question::of);
        } catch (JdbiException e) {
            throw new IOException("the copy of the database cannot be read", e);
        }
    }
}
