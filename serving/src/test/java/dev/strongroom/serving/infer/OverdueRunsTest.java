package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TwoNumbers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Looks of which nothing comes. */
@Timeout(120)
class OverdueRunsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir private Path scratch;

    @Test
    void anOverdueRunEndsThoughALookBeforeFoundNoMemory() throws Exception {
        var limits = TestLimits.times(64, LONG, Duration.ofMillis(200));
        try (OpenedModel opened = OpenedModel.of(TwoNumbers.endless().bytes(), scratch)) {
            var model = new ServedModel("acme/net", "1", opened.engine(), new OpenLease());
            var models =
                    new Stumbling(
                            ServedModels.only(model), new AtomicBoolean(), new CountDownLatch(1));
            try (var path = new InferencePath(models, Guard.OPEN, limits)) {
                assertThat(models.stumbled().await(60, TimeUnit.SECONDS)).isTrue();
                HeldCall call = HeldCall.of(1, 1, 1);

                path.infer(call);

                assertThat(call.refusal().reason()).isEqualTo("RUN_TOO_LONG");
            }
        }
    }

    @Test
    void oneLooksErrorKeepsNoOtherFromLooking() throws Exception {
        var looks = new CountDownLatch(3);
        try (OpenedModel opened = OpenedModel.of(TwoNumbers.endless().bytes(), scratch);
                var runs =
                        OverdueRuns.watch(
                                ServedModels.only(
                                        new ServedModel(
                                                "acme/net",
                                                "1",
                                                opened.engine(),
                                                new OpenLease())))) {
            runs.also(() -> {
                throw new StackOverflowError("as this test has it");
            });
            runs.also(looks::countDown);

            assertThat(looks.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Of whose first look nothing comes. */
    private record Stumbling(ServedModels models, AtomicBoolean did, CountDownLatch stumbled)
            implements ServedModels {
        @Override
        public Optional<Hold> hold(String name, String version) {
            return models.hold(name, version);
        }

        @Override
        public List<ServedModel> inForce() {
            return models.inForce();
        }

        @Override
        public List<ServedModel> open() {
            if (did.compareAndSet(false, true)) {
                stumbled.countDown();
                throw new OutOfMemoryError("as this test has it");
            }
            return models.open();
        }
    }
}
