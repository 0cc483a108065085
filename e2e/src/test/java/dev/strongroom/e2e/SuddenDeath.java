package dev.strongroom.e2e;

import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Kills a vault and tells what it was doing: the process is stopped (SIGSTOP), and while it stands
 * still its database is asked for the write lock, which the vault holds from the first to the last
 * moment of a write transaction; then comes SIGKILL. So where a kill landed is seen from outside,
 * without a word from the vault.
 */
final class SuddenDeath {
    /** Where a kill landed. */
    enum Place {
        INSIDE_A_TRANSACTION,
        ELSEWHERE
    }

    private static final int SQLITE_BUSY = 5;
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(20);

    private SuddenDeath() {}

    static Place strike(Daemon vault, Path database) throws Exception {
        int stopped =
                new ProcessBuilder("kill", "-STOP", String.valueOf(vault.pid()))
                        .inheritIO()
                        .start()
                        .waitFor();
        if (stopped != 0) {
            throw new IllegalStateException("process " + vault.pid() + " cannot be stopped");
        }
        awaitStandstill(vault.pid());
        Place place = placeOf(database);
        vault.kill();
        return place;
    }

    /** A thread inside the kernel, such as one that waits for a disk, stops when it comes out. */
    private static void awaitStandstill(long pid) throws IOException {
        long deadline = System.nanoTime() + STOPS_WITHIN.toNanos();
        while (!allStopped(pid)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(pid + " did not stop within " + STOPS_WITHIN);
            }
            Thread.onSpinWait();
        }
    }

    private static boolean allStopped(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
            return threads.allMatch(SuddenDeath::isStopped);
        }
    }

    private static boolean isStopped(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (NoSuchFileException e) {
            return true; // ended meanwhile
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Changes nothing: the lock is given back at once, and the vault's own keep the log as it is.
     */
    static Place placeOf(Path database) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement()) {
            for (String sql : List.of("PRAGMA busy_timeout = 0", "BEGIN IMMEDIATE", "ROLLBACK")) {
                statement.execute(sql);
            }
            return Place.ELSEWHERE;
        } catch (SQLException e) {
            if ((e.getErrorCode() & 0xff) == SQLITE_BUSY) {
                return Place.INSIDE_A_TRANSACTION;
            }
            throw e;
        }
    }
}
