package dev.strongroom.ops;

import dev.strongroom.client.Administration;
import dev.strongroom.client.OwnerKey;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.TenantName;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "create",
        description =
                "Create a tenant for an owner, with its import key and first key in the token.")
final class TenantCreate implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", converter = TenantConverter.class, description = "a-z0-9-")
    private TenantName tenant;

    @Option(
            names = "--owner-key",
            required = true,
            paramLabel = "FILE",
            description = "owner.pub.pem that the owner's `strongroom owner init` wrote.")
    private Path ownerKey;

    TenantCreate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        PublicKey owner = OwnerKey.readPublic(ownerKey);
        try (var vault = session.connect()) {
            int kek = new Administration(vault, session.random()).createTenant(tenant, owner);
            return session.print(
                    Answer.with("tenant", tenant.value())
                            .with("owner_id", P256.keyId(owner.getEncoded()).hex())
                            .with("kek_version", kek)
                            .one());
        }
    }
}
