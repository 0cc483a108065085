package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TwoNumbers;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What waits, what runs together, and what ends. */
@Timeout(120)
class InferencePathTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir private Path scratch;
    private final Gate gate = new Gate();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        gate.open();
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void rowsOfSeveralCallersRunAsOneAndEachGetsHisOwn() throws Exception {
        ServedModel model = model(TwoNumbers.doubling());
        InferencePath path = path(model, TestLimits.times(64, LONG, LONG));
        run(path, HeldCall.of(1, 0, 0));
        Eventually.holds(model::batches);
        List<HeldCall> calls = behindAClosedGate(path);

        gate.open();

        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i).numbers()).containsExactly(2f * i, 1);
            assertThat(calls.get(i).answer().getOutputs(0).getShapeList()).containsExactly(1L, 2L);
        }
        assertThat(model.statistics().figures().rows()).isEqualTo(2 + calls.size());
        assertThat(model.statistics().figures().runs()).isLessThan(calls.size());
    }

    @Test
    void aModelWhoseRowsDependOnEachOtherRunsNobodysRowsTogether() throws Exception {
        ServedModel model = model(TwoNumbers.lessTheMean());
        InferencePath path = path(model, TestLimits.times(64, LONG, LONG));
        run(path, HeldCall.of(1, 1, 1));
        List<HeldCall> calls = behindAClosedGate(path);

        gate.open();

        for (int i = 0; i < calls.size(); i++) {
            float half = (i - 0.5f) / 2;
            assertThat(calls.get(i).numbers()).as("less its own mean").containsExactly(half, -half);
        }
        assertThat(model.batches()).isFalse();
        assertThat(model.statistics().figures().runs()).isEqualTo(2 + calls.size());
    }

    @Test
    void whatWaitsLongerThanIsPromisedIsRefusedWithATimeToRetryAfter() throws Exception {
        InferencePath path = path(model(TwoNumbers.doubling()), TestLimits.times(64, SHORT, LONG));
        gate.shut();
        HeldCall running = HeldCall.of(1, 1, 1);
        HeldCall waiting = HeldCall.of(2, 1, 1);
        path.infer(running);
        Eventually.holds(() -> gate.waiting() == 1);
        path.infer(waiting);
        long over = System.nanoTime() + SHORT.toNanos();
        Eventually.holds(() -> System.nanoTime() - over > 0);

        gate.open();

        RefusedException refusal = waiting.refusal();
        assertThat(refusal.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.retryAfter()).contains(SHORT);
        assertThat(running.numbers()).containsExactly(2, 2);
    }

    @Test
    void aGraphThatLoopsIsEndedWhenItsTimeIsOver() throws Exception {
        InferencePath path =
                path(
                        model(TwoNumbers.endless()),
                        TestLimits.times(64, LONG, Duration.ofMillis(200)));
        HeldCall call = HeldCall.of(1, 1, 1);

        path.infer(call);

        assertThat(call.refusal().code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(call.refusal().reason()).isEqualTo("RUN_TOO_LONG");
    }

    @Test
    void aGraphThatLoopsIsEndedWhenItsCallerGoes() throws Exception {
        InferencePath path = path(model(TwoNumbers.endless()), ServingLimits.of(1 << 20, 1, 64));
        HeldCall gone = HeldCall.of(1, 1, 1);
        path.infer(gone);
        Eventually.holds(() -> gate.passed() == 1);

        gone.giveUp();

        assertThat(gone.refusal().reason()).isEqualTo("RUN_TOO_LONG");
    }

    @Test
    void oneCallersBadInputIsNotTheOthersFault() throws Exception {
        ServedModel model = model(TwoNumbers.lookingUp());
        InferencePath path = path(model, TestLimits.times(64, LONG, LONG));
        run(path, HeldCall.of(1, 1, 1));
        gate.shut();
        path.infer(HeldCall.of(1, 1, 1));
        HeldCall good = HeldCall.of(2, 1, 1);
        HeldCall bad = HeldCall.of(3, 9, 9);
        path.infer(good);
        path.infer(bad);

        gate.open();

        assertThat(good.numbers()).containsExactly(1, 1);
        assertThat(bad.refusal().code()).isIn(Status.Code.INVALID_ARGUMENT, Status.Code.INTERNAL);
    }

    @Test
    void whoComesWhileItClosesIsSentElsewhereAndWhoWasAdmittedIsAnswered() throws Exception {
        InferencePath path = path(model(TwoNumbers.doubling()), ServingLimits.of(1 << 20, 1, 64));
        gate.shut();
        HeldCall admitted = HeldCall.of(1, 1, 1);
        path.infer(admitted);
        Thread closing = Thread.ofVirtual().start(path::close);
        Eventually.holds(() -> !path.open());

        HeldCall late = HeldCall.of(1, 1, 1);
        path.infer(late);
        gate.open();
        closing.join();

        assertThat(late.refusal().code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(late.refusal().reason()).isEqualTo("DRAINING");
        assertThat(admitted.numbers()).containsExactly(2, 2);
    }

    @Test
    void whatIsQuickRunsAtOnce() throws Exception {
        ServedModel model = model(TwoNumbers.doubling());
        InferencePath path = path(model, ServingLimits.of(1 << 20, 1, 64));
        for (int i = 0; i < 10_000 && !model.times().quick(8); i++) {
            run(path, HeldCall.of(1, 1, 1));
        }

        // What the machine holds up for long goes to a worker, whatever it is.
        Eventually.holds(() -> {
            HeldCall call = HeldCall.of(1, 3, 4);
            path.infer(call);
            assertThat(call.numbers()).containsExactly(6, 8);
            return call.endedByMe();
        });
    }

    @Test
    void aModelHasNoMoreRunsAtOnceThanItsSettingsSay() throws Exception {
        ServedModel model = model(TwoNumbers.doubling());
        model.become(new RunSettings(1, 1, 1));
        InferencePath path = path(model, ServingLimits.of(1 << 20, 2, 64));
        gate.shut();
        List<HeldCall> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(HeldCall.of(i, i, i));
            path.infer(calls.getLast());
        }
        Eventually.holds(() -> gate.waiting() == 1);

        gate.open();

        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i).numbers()).containsExactly(2f * i, 2f * i);
        }
        assertThat(gate.mostWaiting()).as("though two workers were free").isEqualTo(1);
    }

    /** One that runs, and six more, each with a row of its own. */
    private List<HeldCall> behindAClosedGate(InferencePath path) {
        gate.shut();
        path.infer(HeldCall.of(0, 0, 0));
        List<HeldCall> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            HeldCall call = HeldCall.of(i, i, 0.5f);
            path.infer(call);
            calls.add(call);
        }
        return calls;
    }

    private static void run(InferencePath path, HeldCall call) throws Exception {
        path.infer(call);
        assertThat(call.answer().getOutputsCount()).isEqualTo(1);
    }

    private ServedModel model(OnnxModel graph) throws Exception {
        OpenedModel opened = OpenedModel.of(graph.bytes(), scratch);
        open.add(opened);
        return new ServedModel("acme/net", "1", opened.engine(), gate);
    }

    private InferencePath path(ServedModel model, ServingLimits limits) {
        var path = new InferencePath(ServedModels.only(model), Guard.OPEN, limits);
        open.add(path);
        return path;
    }
}
