package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Zeroisation;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The report that a node has overwritten its memory reaches a vault that had no time for it. */
@Timeout(60)
class LastWordTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));

    @TempDir private Path folder;

    @Test
    void asksAgainWhereTheVaultHasTooMuchToDo() throws Exception {
        try (var vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
                var node = new LeasedNode(vault, CHIP, folder);
                var last =
                        new LastWord(
                                node.link,
                                InstantSource.fixed(FakeVault.NOW),
                                new SecureRandom())) {
            vault.reportsRefused.set(2);
            last.say(node.grant(), new LastWord.Done("lease.expired", 3, 4096, List.of()));
            last.await(Duration.ofSeconds(40));
            assertThat(vault.reported).hasSize(1);
            var report = vault.reported.getFirst();
            assertThat(
                            Zeroisation.verify(
                                            Dsse.decode(report.getStatement().toByteArray()),
                                            report.getTlsSpki().toByteArray())
                                    .rule())
                    .isEqualTo("lease.expired");
        }
    }
}
