package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.DestroyKekRequest;
import dev.strongroom.vault.fault.FaultPoint;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vault's process ends while it destroys a key: what was decided is finished, once. */
@Tag("nightly")
class DestroyCrashTest {
    @TempDir private Path dir;
    private final TestApprovals approvals = new TestApprovals();

    @ParameterizedTest
    @EnumSource(names = {"DESTRUCTION_AUDITED", "DESTROYED_IN_TOKEN"})
    void aDestructionGoesOnWithTheSameCall(FaultPoint point) throws Exception {
        String yaml = approvals.yaml() + System.lineSeparator() + "limits: {destroyDays: 1}";
        try (TestVault vault = TestVault.inItsOwnProcess(dir, yaml)) {
            var _ = vault.restartChild(0, "-D" + TestVaultMain.DAYS_BEHIND + "=2");
            TestOwner owner = vault.tenant("acme");
            var policies = owner.setPolicies("bert");
            var kept = owner.seal("bert", new byte[] {1});
            var _ = owner.push(kept);
            assertThat(owner.rotate().getState()).isEqualTo("finished");

            var child = vault.restartChild(0, "-Dstrongroom.fault=" + point);
            String keyId = owner.keks().getFirst().getKeyId();
            var document = new KekDestruction(new TenantName("acme"), 1, keyId);
            approvals.agree(vault, Change.of(document), document.encode());
            assertThat(catchThrowable(() -> destroy(owner)))
                    .isInstanceOf(StatusRuntimeException.class);
            assertThat(child.exitCode()).isEqualTo(FaultPoint.HALT_CODE);

            var _ = vault.restartChild(0);
            assertThat(owner.keks().getFirst().getState()).isEqualTo("destroying");
            destroy(owner);
            destroy(owner);
            assertThat(owner.keks().getFirst().getState()).isEqualTo("destroyed");
            var _ = vault.restartChild(0);
            var node = new TestNode(owner);
            assertThat(ReleasedKey.isTheOwners(node, kept, policies)).isTrue();
        }
    }

    private static void destroy(TestOwner owner) {
        var _ =
                owner.keys()
                        .destroyKek(
                                DestroyKekRequest.newBuilder()
                                        .setTenant("acme")
                                        .setVersion(1)
                                        .setConfirm("acme/1")
                                        .build());
    }
}
