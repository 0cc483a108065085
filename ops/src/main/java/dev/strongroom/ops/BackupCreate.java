package dev.strongroom.ops;

import dev.strongroom.proto.v1.CreateBackupRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "create",
        description = {
            "Copy the vault's database into its data folder, under backups/, while it serves. Carry",
            "the copy away together with the folder objects/ and the token's own backup."
        })
final class BackupCreate implements Callable<Integer> {
    private final Session session;

    BackupCreate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var answer = vault.admin().createBackup(CreateBackupRequest.getDefaultInstance());
            return session.print(BackupList.row(answer.getBackup()).one());
        }
    }
}
