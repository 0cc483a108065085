package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.ImportKey;
import dev.strongroom.proto.v1.OwnKey;
import dev.strongroom.proto.v1.RotateImportKeyRequest;
import dev.strongroom.proto.v1.RotateImportKeyResponse;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.RotateOwnKeyRequest;
import dev.strongroom.proto.v1.Rotation;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "rotate",
        description = {
            "Make a new key-encryption key in the token, re-wrap every record under it, look at every",
            "record and retire the old key. The vault does it in the background, while serving goes",
            "on, and goes on by itself after a restart; run it again to follow one that is running.",
            "With --key it makes the next import key of a tenant, or of the vault's own keys."
        },
        footer = {
            "",
            "Which rotation answers which incident:",
            "  a key-encryption key's age or a change of staff     keys rotate",
            "  a copy of the database, without the token           keys rotate, then keys destroy",
            "  a push that somebody recorded, an import key's age  keys rotate --key import",
            "  the key of leases and of the log may be known       keys rotate --key signing",
            "  the key of all certificates may be known            keys rotate --key ca, new",
            "                                                      certificates, keys retire --key ca",
            "  the key of the vault's TLS server may be known      keys rotate --key tls",
            "  a data key that leaked                              NOT this: re-wrapping leaves the",
            "                                                      data key as it is. Re-seal the version",
            "                                                      or push it anew",
            "docs/runbook.md has the rest."
        })
final class KeysRotate implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys; not for the vault's own.")
    private @Nullable TenantName tenant;

    /** What to rotate. */
    enum Key {
        KEK,
        IMPORT,
        SIGNING,
        CA,
        TLS
    }

    @Option(
            names = "--key",
            paramLabel = "KIND",
            defaultValue = "KEK",
            description = {
                "kek, the key-encryption key; import, the key that pushes go to; of the vault's own",
                "signing (leases and log), ca (certificates) or tls (its server)."
            })
    private Key key;

    @Option(
            names = "--share",
            paramLabel = "PERCENT",
            defaultValue = "100",
            description = "How much of the token's time it may take, 1 to 100. Default: all.")
    private int share;

    @Mixin private final Following following = new Following();

    @Option(names = "--dry-run", description = "Only say what would be rotated.")
    private boolean dryRun;

    KeysRotate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return switch (key) {
                case KEK -> rotateKek(vault, tenant());
                case IMPORT -> rotateImport(vault, tenant());
                case SIGNING -> rotateOwn(vault, OwnKeyKind.SIGNING);
                case CA -> rotateOwn(vault, OwnKeyKind.CA);
                case TLS -> rotateOwn(vault, OwnKeyKind.TLS);
            };
        }
    }

    private TenantName tenant() throws ClientException {
        if (tenant == null) {
            throw ClientException.local("--tenant is missing", "say whose key to rotate");
        }
        return tenant;
    }

    private int rotateOwn(VaultConnection vault, OwnKeyKind kind) {
        OwnKey current = OwnKeyRows.current(vault, kind);
        int next =
                dryRun
                        ? current.getVersion() + 1
                        : vault.ownKeys()
                                .rotateOwnKey(
                                        RotateOwnKeyRequest.newBuilder()
                                                .setKey(kind.label())
                                                .build())
                                .getVersion();
        return session.print(
                Answer.with("key", kind.label())
                        .with("from_version", current.getVersion())
                        .with("to_version", next)
                        .with("state", dryRun ? "planned" : "in force")
                        .one());
    }

    private int rotateImport(VaultConnection vault, TenantName tenant) {
        var request = RotateImportKeyRequest.newBuilder().setTenant(tenant.value()).build();
        RotateImportKeyResponse answer =
                dryRun
                        ? vault.keys().planRotateImportKey(request)
                        : vault.keys().rotateImportKey(request);
        return session.print(
                Answer.with("tenant", tenant.value())
                        .with("key", "import")
                        .with(
                                "to_version",
                                dryRun ? answer.getKeysCount() + 1 : answer.getVersion())
                        .with(
                                "still_opening",
                                answer.getKeysList().stream()
                                        .filter(old -> old.getState().equals("superseded"))
                                        .map(ImportKey::getVersion)
                                        .toList())
                        .one());
    }

    private int rotateKek(VaultConnection vault, TenantName tenant) throws ClientException {
        var request =
                RotateKekRequest.newBuilder()
                        .setTenant(tenant.value())
                        .setSharePercent(share)
                        .build();
        if (dryRun) {
            Rotation plan = vault.keys().planRotateKek(request).getRotation();
            return session.print(RotationView.row(plan).one());
        }
        return following.print(session, vault, vault.keys().rotateKek(request).getRotation());
    }
}
