package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.CreateTenantRequest;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Who can write the database still cannot give a tenant another owner. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TenantRowTest {
    private TestVault vault;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        vault = new TestVault(dir);
    }

    @AfterAll
    void stop() {
        vault.close();
    }

    @Test
    void refusesAnOwnerThatTheLogDoesNotName() throws Exception {
        TestOwner victim = vault.tenant("victim");
        victim.setPolicies("bert");
        victim.push(victim.seal("bert", new byte[5]));
        var mallory = new TestOwner(vault, "victim", TestIdentity.newKey(), victim.identity);
        byte[] spki = mallory.root.getPublic().getEncoded();
        vault.sql(
                "UPDATE tenant SET owner_id = '%s', owner_spki = x'%s' WHERE name = 'victim'"
                        .formatted(mallory.ownerId().hex(), HexFormat.of().formatHex(spki)));
        Refusal.of(() -> mallory.setPolicies("tiny")).isFor(Reason.TENANT_NOT_AUTHENTIC);
        Refusal.of(() -> mallory.begin(mallory.seal("bert", new byte[6])))
                .isFor(Reason.TENANT_NOT_AUTHENTIC);
        var show = GetPoliciesRequest.newBuilder().setModel("victim/bert").build();
        Refusal refusal =
                Refusal.of(() -> victim.models().getPolicies(show))
                        .isFor(Reason.TENANT_NOT_AUTHENTIC);
        assertThat(refusal.message()).contains("restore the database from a backup");
    }

    @Test
    void refusesToMakeATenantAgainWhoseRowWasTakenAway() throws Exception {
        vault.tenant("gone");
        vault.sql(
                "DELETE FROM kek WHERE tenant = 'gone'", "DELETE FROM tenant WHERE name = 'gone'");
        KeyPair other = TestIdentity.newKey();
        var request =
                CreateTenantRequest.newBuilder()
                        .setTenant("gone")
                        .setOwnerRootSpki(ByteString.copyFrom(other.getPublic().getEncoded()))
                        .build();
        var admin = AdminGrpc.newBlockingStub(vault.connected(vault.operator));
        Refusal.of(() -> admin.createTenant(request)).isFor(Reason.TENANT_NOT_AUTHENTIC);
    }
}
