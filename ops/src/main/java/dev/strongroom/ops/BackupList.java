package dev.strongroom.ops;

import dev.strongroom.proto.v1.Backup;
import dev.strongroom.proto.v1.ListBackupsRequest;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        description =
                "List the copies that are kept, oldest first, and the keys that each of them needs.")
final class BackupList implements Callable<Integer> {
    private final Session session;

    BackupList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var backups =
                    vault.admin()
                            .listBackups(ListBackupsRequest.getDefaultInstance())
                            .getBackupsList();
            return session.print(
                    Answer.many("backups", backups.stream().map(BackupList::row).toList()));
        }
    }

    static Answer.Fields row(Backup backup) {
        return Answer.with("name", backup.getName())
                .with("created_at", Instant.ofEpochMilli(backup.getCreatedAtMillis()).toString())
                .with("bytes", backup.getBytes())
                .with("log_size", backup.getLogSize())
                .with("keks", String.join(" ", backup.getKeksList()))
                .with("audit_leaf", backup.getAuditLeaf());
    }
}
