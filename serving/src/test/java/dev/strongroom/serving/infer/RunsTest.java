package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TwoNumbers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the transport of one call of a batch can do to the others: nothing. */
@Timeout(60)
class RunsTest {
    @TempDir private Path scratch;
    private final AtomicInteger holds = new AtomicInteger();
    private final Runs runs = new Runs(Guard.OPEN, ServingLimits.of(1 << 20, 1, 8));
    private final HeldCall broken = HeldCall.of(1, 1, 1).then(RunsTest::fail);
    private final HeldCall whole = HeldCall.of(2, 2, 2);
    private OpenedModel opened;

    /** A lease without inferences. */
    private static final class UsedUp implements Admission {
        private static final Refusal NONE_LEFT = new Refusal("LEASE_USED_UP", "none left");

        @Override
        public Optional<Refusal> take() {
            return Optional.of(NONE_LEFT);
        }

        @Override
        public Optional<Refusal> refusal() {
            return Optional.of(NONE_LEFT);
        }

        @Override
        public Optional<Refusal> interruption() {
            return Optional.empty();
        }
    }

    private record Counted(ServedModel model, AtomicInteger holds) implements ServedModels.Hold {
        @Override
        public void close() {
            holds.decrementAndGet();
        }
    }

    @BeforeEach
    void open() throws Exception {
        opened = OpenedModel.of(TwoNumbers.doubling().bytes(), scratch);
    }

    @AfterEach
    void close() throws Exception {
        opened.close();
    }

    @Test
    void aRefusalThatOnesTransportThrowsAtReachesTheOthersAndFreesTheModel() throws Exception {
        runs.run(List.of(job(broken, new UsedUp()), job(whole, new UsedUp())));

        assertThat(broken.refusal().reason()).isEqualTo("LEASE_USED_UP");
        assertThat(whole.refusal().reason()).isEqualTo("LEASE_USED_UP");
        assertThat(holds).hasValue(0);
    }

    @Test
    void soItIsOnAThreadOfTheTransport() throws Exception {
        runs.runAtOnce(List.of(job(broken, new UsedUp()), job(whole, new UsedUp())), _ -> {});

        assertThat(whole.refusal().reason()).isEqualTo("LEASE_USED_UP");
        assertThat(holds).hasValue(0);
    }

    @Test
    void anAnswerLikewise() throws Exception {
        runs.run(List.of(job(broken, new OpenLease()), job(whole, new OpenLease())));

        assertThat(broken.numbers()).containsExactly(2, 2);
        assertThat(whole.numbers()).containsExactly(4, 4);
        assertThat(holds).hasValue(0);
    }

    private static void fail() {
        throw new IllegalStateException("gone");
    }

    private Job job(HeldCall call, Admission lease) throws Exception {
        var model = new ServedModel("acme/net", "1", opened.engine(), lease);
        var request =
                InferenceRequest.decode(
                        call.request(), model.inputs(), model.outputs(), Long.MAX_VALUE);
        holds.incrementAndGet();
        return new Job(
                call, new Counted(model, holds), request, 0, System.nanoTime(), Job.Lease.OWED);
    }
}
