package dev.strongroom.ops;

import dev.strongroom.client.VaultConnection;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description = "Show a tenant's key-encryption keys and how many records each wraps.")
final class KeysStatus implements Callable<Integer> {
    private final Session session;

    @Mixin private final TenantOption tenant = new TenantOption();

    KeysStatus(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            GetKeyStatusResponse status = of(vault, tenant.name());
            return session.print(
                    Answer.many(
                            "keks",
                            status.getKeksList().stream().map(kek -> row(status, kek)).toList()));
        }
    }

    /** The tenant's keys, of every kind and version. */
    static GetKeyStatusResponse of(VaultConnection vault, String tenant) {
        return vault.keys()
                .getKeyStatus(GetKeyStatusRequest.newBuilder().setTenant(tenant).build());
    }

    private static Answer.Fields row(GetKeyStatusResponse status, GetKeyStatusResponse.Kek kek) {
        return Answer.with("version", kek.getVersion())
                .with("state", kek.getState())
                .with("wrapped_records", kek.getWrappedRecords())
                .with("created_at", Instant.ofEpochMilli(kek.getCreatedAtMillis()).toString())
                .with("key_id", kek.getKeyId())
                .with("trust_level", status.getTrustLevel())
                .with("module", status.getModule());
    }
}
