package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.testkit.hunt.HuntReport;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Looks for a real model's plain weights in the vault without a pause while 200 versions of it are
 * pushed, each under keys of its own, and each is released to a node's new key and fetched whole.
 */
@Tag("nightly")
class ManyPushesHuntTest {
    private static final int PUSHES_AND_RELEASES = 200;
    private static final long ROOM = 25L << 30; // 200 sealed models and what else there is

    @Test
    void theVaultHoldsNoWindowDuring200PushesAndReleasesAndAfter() throws Exception {
        HuntedModel.requireRoot();
        try (HuntedModel model = HuntedModel.prepare()) {
            assertThat(Files.getFileStore(model.world().rest()).getUsableSpace())
                    .as("room for %d sealed models", PUSHES_AND_RELEASES)
                    .isGreaterThan(ROOM);
            long began = System.nanoTime();
            List<HuntReport> reports =
                    model.inTheVaultDuring(() -> {
                        for (int i = 0; i < PUSHES_AND_RELEASES; i++) {
                            model.release(model.push());
                        }
                        return null;
                    });
            System.out.printf(
                    "hunt: vault, %d pushes and releases in %d s: %d hits in %d scans of %d MB"
                            + " together%n",
                    PUSHES_AND_RELEASES,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                    reports.stream().mapToInt(HuntReport::hits).sum(),
                    reports.size(),
                    reports.stream().mapToLong(HuntReport::scannedBytes).sum() / 1_000_000);
            assertThat(reports).allSatisfy(report -> assertThat(report.hitPlaces()).isEmpty());
            assertThat(model.memory(model.plantedInHeaps(), model.world().vault()).hits())
                    .as("the scanner sees the vault's heap")
                    .isPositive();
            model.requireCleanFiles("after " + PUSHES_AND_RELEASES + " pushes");
        }
    }
}
