package dev.strongroom.ops;

import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.GetKeyStatusResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = "List a tenant's keys, of every kind and version, or the vault's own.")
final class KeysList implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys; without it, the vault's own.")
    private @Nullable TenantName tenant;

    KeysList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "keys",
                            tenant == null
                                    ? OwnKeyRows.all(vault).stream().map(OwnKeyRows::row).toList()
                                    : rows(vault, tenant)));
        }
    }

    private static List<Answer.Fields> rows(VaultConnection vault, TenantName tenant) {
        GetKeyStatusResponse status = KeysStatus.of(vault, tenant.value());
        var rows = new ArrayList<Answer.Fields>();
        status.getKeksList()
                .forEach(kek ->
                        rows.add(
                                row(
                                        "kek",
                                        kek.getVersion(),
                                        kek.getState(),
                                        kek.getCreatedAtMillis(),
                                        0,
                                        status)));
        status.getImportKeysList()
                .forEach(key ->
                        rows.add(
                                row(
                                        "import",
                                        key.getVersion(),
                                        key.getState(),
                                        key.getCreatedAtMillis(),
                                        key.getNotAfterMillis(),
                                        status)));
        return rows;
    }

    private static Answer.Fields row(
            String kind,
            int version,
            String state,
            long createdAt,
            long notAfter,
            GetKeyStatusResponse status) {
        return Answer.with("kind", kind)
                .with("version", version)
                .with("state", state)
                .with("created_at", time(createdAt))
                .with("not_after", time(notAfter))
                .with("trust_level", status.getTrustLevel());
    }

    private static String time(long millis) {
        return millis == 0 ? "" : Instant.ofEpochMilli(millis).toString();
    }
}
