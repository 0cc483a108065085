package dev.strongroom.serving.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.SessionHeap;
import dev.strongroom.serving.engine.TwoNumbers;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a search looks at, what it takes for that, and when it ends. */
@Timeout(60)
class SearchTest {
    private static final Search.Machine MACHINE = new Search.Machine(2, 2, 8, 1 << 20);
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONGER = Duration.ofSeconds(3);
    private static final long PLENTY = Long.MAX_VALUE;

    @TempDir private Path scratch;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicLong taken = new AtomicLong();

    /** Lets so many inferences run. */
    private record Count(AtomicLong taken, long most) implements Admission {
        @Override
        public Optional<Refusal> take() {
            return taken.incrementAndGet() <= most ? Optional.empty() : Optional.of(usedUp());
        }

        @Override
        public Optional<Refusal> refusal() {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> interruption() {
            return Optional.empty();
        }

        private static Refusal usedUp() {
            return new Refusal("LEASE_USED_UP", "the node's lease has no inferences left");
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void looksAtEverythingThatTheMachineHasRoomForAndNamesOneOfIt() throws Exception {
        Subject subject =
                subject(TwoNumbers.doubling(), new Profile.Fast(SessionHeap.shared()), PLENTY);

        Outcome outcome = search(subject, plan(List.of(4, 1), LONGER, PLENTY));

        assertThat(outcome.rows())
                .extracting(Row::settings)
                .contains(
                        new RunSettings(1, 1, 8),
                        new RunSettings(2, 1, 8),
                        new RunSettings(1, 2, 8))
                .doesNotContain(new RunSettings(2, 2, 8));
        assertThat(outcome.rows()).extracting(Row::callers).contains(1, 4);
        assertThat(outcome.rows())
                .extracting(row -> row.settings().batchRows())
                .as("rows together, as many as there are callers")
                .contains(1, 2, 4)
                .doesNotContain(16);
        assertThat(outcome.rows()).extracting(Row::settings).contains(outcome.best());
        assertThat(outcome.rows()).allMatch(row -> row.figures().rowsPerSecond() > 0);
        assertThat(outcome.batches()).isTrue();
        assertThat(outcome.cutShort()).isEmpty();
        assertThat(outcome.inferences()).as("each from the lease").isEqualTo(taken.get());
    }

    @Test
    void aSingleCopyHasNoThreadsOfItsOwnInARun() throws Exception {
        Subject subject = subject(TwoNumbers.lessTheMean(), new Profile.SingleCopy(), PLENTY);

        Outcome outcome = search(subject, plan(List.of(2), SHORT, PLENTY));

        assertThat(outcome.rows()).allMatch(row -> row.settings().threads() == 1);
        assertThat(outcome.batches()).isFalse();
        assertThat(outcome.rows())
                .as("rows together are not looked at")
                .allMatch(row -> row.settings().batchRows() == 8);
    }

    @Test
    void generatesRowsThatAModelOfSmallTablesTakes() throws Exception {
        Subject subject = subject(lookingUp(), new Profile.SingleCopy(), PLENTY);

        Outcome outcome = search(subject, plan(List.of(1), SHORT, PLENTY));

        assertThat(outcome.rows()).isNotEmpty();
    }

    @Test
    void endsWithTheLeaseAndSaysSo() throws Exception {
        Subject subject = subject(TwoNumbers.doubling(), new Profile.SingleCopy(), 1);

        assertThatThrownBy(() -> search(subject, plan(List.of(1), SHORT, PLENTY)))
                .isInstanceOf(CutShortException.class)
                .hasMessageContaining("LEASE_USED_UP");
    }

    @Test
    void takesNoMoreInferencesThanItIsTold() throws Exception {
        Subject subject = subject(TwoNumbers.doubling(), new Profile.SingleCopy(), PLENTY);

        assertThatThrownBy(() -> search(subject, plan(List.of(1), SHORT, 5)))
                .isInstanceOf(CutShortException.class)
                .hasMessageContaining("--inferences");
        assertThat(taken).hasValue(5);
    }

    @Test
    void endsWhenTimeIsUp() throws Exception {
        Subject subject = subject(TwoNumbers.doubling(), new Profile.SingleCopy(), PLENTY);
        var hours = new AtomicLong();

        assertThatThrownBy(() ->
                        Search.run(
                                subject,
                                plan(List.of(1), SHORT, PLENTY),
                                MACHINE,
                                () -> Duration.ofHours(hours.incrementAndGet()).toNanos()))
                .isInstanceOf(CutShortException.class)
                .hasMessageContaining("--seconds");
    }

    /** However long the machine takes for it. */
    private static Outcome search(Subject subject, Plan plan) throws Exception {
        return Search.run(subject, plan, MACHINE, () -> 0L);
    }

    private static Plan plan(List<Integer> callers, Duration time, long inferences) {
        return new Plan(callers, 1, 4, time, inferences);
    }

    private Subject subject(OnnxModel graph, Profile profile, long inferences) throws Exception {
        LoadedModel loaded = LoadedModels.of(Map.of("model.onnx", graph.bytes()));
        open.add(loaded);
        Engine engine = Engine.open(loaded, new EngineOptions(1, profile, scratch));
        open.add(engine);
        var model = new ServedModel("acme/net", "1", engine, new Count(taken, inferences));
        return new Subject(model, profile, scratch);
    }

    private static OnnxModel lookingUp() {
        return new OnnxModel()
                .input("x", OnnxModel.INT64, -1, -1)
                .output("y", OnnxModel.FLOAT, -1, -1)
                .inline("table", OnnxModel.FLOAT, new byte[4 * 4], 4)
                .node("Gather", List.of("table", "x"), List.of("y"));
    }
}
