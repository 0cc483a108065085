package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TwoNumbers;
import dev.strongroom.testkit.Eventually;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is in whose account while it waits, passes those that would wait, or runs. */
@Timeout(60)
class LanesTest {
    private static final int BYTES = 100;
    private static final int EACH = 10;

    @TempDir private Path scratch;
    private final Shares bytes = Shares.of(BYTES, BYTES, BYTES);
    private final CountDownLatch end = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<Job> ran = new ConcurrentLinkedQueue<>();
    private Lanes lanes; // one worker, and one more waits
    private OpenedModel opened;

    @BeforeEach
    void open() throws Exception {
        opened = OpenedModel.of(TwoNumbers.doubling().bytes(), scratch);
        lanes = new Lanes(ServingLimits.of(1 << 20, 1, 1), bytes, this::run);
    }

    private void run(List<Job> batch) {
        ran.addAll(batch);
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() throws Exception {
        end.countDown();
        lanes.close();
        opened.close();
    }

    @Test
    void whatPassesIsInTheAccountUntilItHasEnded() throws Exception {
        List<Job> passing = passing(2);
        assertThat(held()).isEqualTo(2 * EACH);

        lanes.passed(passing);

        assertThat(held()).isZero();
    }

    @Test
    void whatPassedComesInLineThoughOthersTookAllPlacesMeanwhile() throws Exception {
        List<Job> passing = passing(3);
        lanes.add(reserved("running"));
        Eventually.holds(() -> ran.size() == 1);
        lanes.add(reserved("waiting"));
        assertThatThrownBy(() -> reserved("late")).hasMessageContaining("lets 1 wait");

        for (Job job : passing) {
            lanes.comeBack(job);
        }

        assertThat(held()).isEqualTo(5 * EACH);
        end.countDown();
        Eventually.holds(() -> ran.size() == 5 && held() == 0);
        reserved("next");
    }

    @Test
    void whatPassesKeepsNobodyFromAPlace() throws Exception {
        passing(4);
        lanes.add(reserved("running"));
        Eventually.holds(() -> ran.size() == 1);

        lanes.add(reserved("waiting"));

        assertThat(lanes.passes()).as("somebody waits").isFalse();
    }

    private List<Job> passing(int number) throws Exception {
        List<Job> passing = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            passing.add(reserved("passing"));
            assertThat(lanes.passes()).isTrue();
        }
        return passing;
    }

    private Job reserved(String name) throws Exception {
        var model = new ServedModel("acme/net", "1", opened.engine(), new OpenLease());
        HeldCall call = HeldCall.by(name, 1, 1, 1);
        var request =
                InferenceRequest.decode(
                        call.request(), model.inputs(), model.outputs(), Long.MAX_VALUE);
        var hold = ServedModels.only(model).hold(model.name(), "").orElseThrow();
        var job = new Job(call, hold, request, EACH, System.nanoTime(), Job.Lease.OWED);
        lanes.reserve(job);
        return job;
    }

    /** As much as nobody else can take. */
    private int held() {
        int free = 0;
        while (free < BYTES && bytes.take("looking", 1)) {
            free++;
        }
        bytes.give("looking", free);
        return BYTES - free;
    }
}
