package dev.strongroom.vault.catalog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.HandleConsumer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The vault's SQLite file: write-ahead log, every commit synced to disk, one writer at a time.
 *
 * <p>Thread-safe. A write transaction holds a lock of this process, so writers queue here and never
 * see SQLITE_BUSY.
 */
public final class Database implements AutoCloseable {
    private static final String FILE = "vault.db";
    private static final int READERS = 4; // two cores; a reader is never held across a call
    private static final long WAIT_MILLIS = 10_000;

    private final Path file;
    private final HikariDataSource writerPool;
    private final HikariDataSource readerPool;
    private final Jdbi writer;
    private final Jdbi reader;
    private final ReentrantLock writing = new ReentrantLock(true);

    private Database(Path file, HikariDataSource writerPool, HikariDataSource readerPool) {
        this.file = file;
        this.writerPool = writerPool;
        this.readerPool = readerPool;
        this.writer = Jdbi.create(writerPool);
        this.reader = Jdbi.create(readerPool);
    }

    /** True when the folder has a database, whatever its state. */
    public static boolean exists(Path dataDir) {
        return Files.exists(dataDir.resolve(FILE));
    }

    /** Opens the database of a data folder, makes it when it is missing, brings its schema up. */
    public static Database open(Path dataDir) throws IOException {
        Files.createDirectories(dataDir);
        Path file = dataDir.resolve(FILE);
        var writerPool = pool(file, Use.WRITE);
        try {
            migrate(writerPool);
            return new Database(file, writerPool, pool(file, Use.READ));
        } catch (RuntimeException e) {
            writerPool.close();
            throw e;
        }
    }

    private enum Use {
        WRITE("IMMEDIATE", 1, "PRAGMA temp_store = MEMORY"),
        READ("DEFERRED", READERS, "PRAGMA query_only = ON");

        final String transactionMode;
        final int connections;
        final String initSql;

        Use(String transactionMode, int connections, String initSql) {
            this.transactionMode = transactionMode;
            this.connections = connections;
            this.initSql = initSql;
        }
    }

    private static HikariDataSource pool(Path file, Use use) {
        var config = new HikariConfig();
        config.setPoolName("vault-" + use.name().toLowerCase(Locale.ROOT));
        config.setDriverClassName("org.sqlite.JDBC");
        config.setJdbcUrl(
                "jdbc:sqlite:"
                        + file
                        + "?journal_mode=WAL&synchronous=FULL&foreign_keys=true"
                        + "&secure_delete=true&busy_timeout=5000&transaction_mode="
                        + use.transactionMode);
        config.setMaximumPoolSize(use.connections);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(WAIT_MILLIS);
        config.setMaxLifetime(0); // a file does not drop connections
        config.setConnectionInitSql(use.initSql);
        return new HikariDataSource(config);
    }

    private static void migrate(HikariDataSource pool) {
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(pool)
                .locations("classpath:META-INF/strongroom/migration")
                .failOnMissingLocations(true)
                .load()
                .migrate();
    }

    /** Reads in one snapshot. */
    public <R, X extends Exception> R read(HandleCallback<R, X> query) throws X {
        return reader.inTransaction(query);
    }

    /** Writes in one transaction: durable when this returns, undone when it throws. */
    public <R, X extends Exception> R write(HandleCallback<R, X> change) throws X {
        writing.lock();
        try {
            return writer.inTransaction(change);
        } finally {
            writing.unlock();
        }
    }

    /**
     * {@link #write}, and tells what was committed before the next writer begins: for memory that
     * must agree with the database inside every write transaction.
     */
    public <R, X extends Exception> R write(HandleCallback<R, X> change, Consumer<R> committed)
            throws X {
        writing.lock();
        try {
            R result = writer.inTransaction(change);
            committed.accept(result);
            return result;
        } finally {
            writing.unlock();
        }
    }

    /** {@link #write} without a result. */
    public <X extends Exception> void change(HandleConsumer<X> change) throws X {
        this.<Integer, X>write(handle -> {
            change.useHandle(handle);
            return 0;
        });
    }

    /**
     * Writes a consistent copy into a new file while others read and write.
     *
     * @throws IOException if the file exists or cannot be written
     */
    public void copyTo(Path file) throws IOException {
        try {
            // On a connection of its own: the pools' are inside transactions or read only.
            Jdbi.create("jdbc:sqlite:" + this.file + "?busy_timeout=5000")
                    .useHandle(handle -> handle.execute("VACUUM INTO ?", file.toString()));
        } catch (JdbiException e) {
            throw new IOException("the database cannot be copied: " + e.getMessage(), e);
        }
    }

    /**
     * Moves what was committed from the write-ahead log into the file, while others read and write.
     * SQLite does so by itself in the commit that finds the log long, with every writer waiting;
     * who writes much calls this in time.
     */
    public void settle() {
        reader.useHandle(handle -> handle.execute("PRAGMA wal_checkpoint(PASSIVE)"));
    }

    @Override
    public void close() {
        readerPool.close();
        writerPool.close();
    }

    /** Runs SQLite's own check of the file. */
    public boolean isIntact() {
        return read(handle -> quickCheck(handle));
    }

    private static boolean quickCheck(Handle handle) {
        return handle.createQuery("PRAGMA quick_check(1)").mapTo(String.class).one().equals("ok");
    }
}
