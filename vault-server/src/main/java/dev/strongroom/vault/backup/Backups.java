package dev.strongroom.vault.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.BackupHistory.Kept;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.BackupTable;
import dev.strongroom.vault.catalog.BackupTable.Backup;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.DatabaseCopy;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Copies of the vault's database under its data folder, taken while it serves. The sealed files and
 * the token are not in them: the former never change, the latter has its own backup. The newest few
 * are kept.
 *
 * <p>Thread-safe; one copy at a time.
 */
public final class Backups {
    private static final String FOLDER = "backups";
    private static final String SUFFIX = ".db";
    private static final String UNFINISHED = ".part";
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final Database database;
    private final AuditLog log;
    private final int keep;
    private final InstantSource clock;
    private final ReentrantLock copying = new ReentrantLock();

    private Backups(Path folder, Database database, AuditLog log, int keep, InstantSource clock) {
        this.folder = folder;
        this.database = database;
        this.log = log;
        this.keep = keep;
        this.clock = clock;
    }

    /**
     * Opens the folder of copies and deletes what a crash left unfinished. A whole copy is never
     * deleted because the catalogue does not name it: the catalogue may itself be a restored one.
     *
     * @param keep how many to keep, at least 1
     */
    public static Backups open(
            Path dataDir, Database database, AuditLog log, int keep, InstantSource clock)
            throws IOException {
        var backups = new Backups(dataDir.resolve(FOLDER), database, log, keep, clock);
        Files.createDirectories(backups.folder);
        backups.deleteUnfinished();
        return backups;
    }

    /** Every copy that is kept, oldest first. */
    public List<Backup> list() {
        return database.read(BackupTable::all);
    }

    /** Takes a copy, and lets go of the oldest beyond those that are kept. */
    public Backup create(Principal caller) throws RefusedException, IOException {
        copying.lock();
        try {
            Instant now = clock.instant();
            // The log grows with each copy, so no name is given twice, whatever the clock says.
            String name = NAME.format(now) + "-" + log.size() + SUFFIX;
            Path part = folder.resolve(name + UNFINISHED);
            Files.deleteIfExists(part);
            database.copyTo(part);
            sync(part);
            Digest digest = digest(part);
            var copy = DatabaseCopy.of(part);
            List<String> keks = copy.keks();
            long logSize = copy.logSize();
            Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            sync(folder);
            long bytes = Files.size(folder.resolve(name));
            Recorded recorded = record(caller, name, now, bytes, logSize, keks, digest);
            for (Backup old : recorded.letGo()) {
                Files.deleteIfExists(folder.resolve(old.name()));
            }
            return recorded.made();
        } finally {
            copying.unlock();
        }
    }

    private record Recorded(Backup made, List<Backup> letGo) {}

    private Recorded record(
            Principal caller,
            String name,
            Instant now,
            long bytes,
            long logSize,
            List<String> keks,
            Digest digest)
            throws RefusedException {
        var recorded = new ArrayList<Recorded>();
        log.<RuntimeException>appendSigned(handle -> {
            var backup = new Backup(name, now, bytes, logSize, keks, LeafTable.next(handle));
            BackupTable.insert(handle, backup);
            List<Backup> all = BackupTable.all(handle);
            List<Backup> beyond = all.subList(0, Math.max(0, all.size() - keep));
            recorded.add(new Recorded(backup, List.copyOf(beyond)));
            beyond.forEach(old -> BackupTable.delete(handle, old.name()));
            return Decision.of(AuditRecord.BACKUP_CREATED, caller.uri(), Principal.WHOLE_VAULT)
                    .with("name", name)
                    .with("digest", digest)
                    .with("bytes", bytes)
                    .with("log-size", logSize)
                    .with("keks", Digest.sha256(String.join(" ", keks).getBytes(UTF_8)))
                    .with("let-go", beyond.size());
        });
        return recorded.getLast();
    }

    /**
     * One copy that is kept.
     *
     * @param database empty if the file is not the one that the log says was written
     */
    public record Copy(String name, Optional<DatabaseCopy> database) {}

    /** Every copy that the log says is kept, oldest first. */
    public List<Copy> kept() {
        return log.views().backups().kept().stream()
                .map(backup -> new Copy(backup.name(), open(backup)))
                .toList();
    }

    /** The copies that are kept and that were taken before the log had this leaf. */
    public List<String> before(long leaf) {
        return log.views().backups().kept().stream()
                .filter(backup -> backup.logSize() <= leaf)
                .map(Kept::name)
                .toList();
    }

    private Optional<DatabaseCopy> open(Kept backup) {
        Path file = folder.resolve(backup.name());
        try {
            return digest(file).hex().equals(backup.digest())
                    ? Optional.of(DatabaseCopy.of(file))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void deleteUnfinished() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (file.toString().endsWith(UNFINISHED)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void sync(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Digest digest(Path file) throws IOException {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return Digest.of(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
