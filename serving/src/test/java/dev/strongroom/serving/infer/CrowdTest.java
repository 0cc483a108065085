package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TwoNumbers;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one caller, or one slow vault, can keep from others. */
@Timeout(120)
class CrowdTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofSeconds(1);

    @TempDir private Path scratch;
    private final Gate gate = new Gate();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicInteger holds = new AtomicInteger();

    /** Asks somebody who answers when the test wants, and admits once he has. */
    private static final class Asking implements Guard {
        private final CompletableFuture<Void> word = new CompletableFuture<>();
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Optional<CompletionStage<?>> admit(
                Caller caller, PublicModel model, InferenceRequest request) {
            asked.incrementAndGet();
            return word.isDone() ? Optional.empty() : Optional.of(word);
        }

        @Override
        public Shaped shape(
                Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer) {
            return new Shaped(answer, Optional.empty(), Optional.empty());
        }

        @Override
        public Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model) {
            return Optional.empty();
        }

        @Override
        public TokenTerms terms(Caller caller, PublicModel model) {
            return TokenTerms.MOST;
        }
    }

    /** Counts who holds the model. */
    private record Counted(ServedModel model, AtomicInteger holds)
            implements ServedModels, ServedModels.Hold {
        @Override
        public Optional<Hold> hold(String name, String version) {
            holds.incrementAndGet();
            return Optional.of(this);
        }

        @Override
        public List<ServedModel> inForce() {
            return List.of(model);
        }

        @Override
        public void close() {
            holds.decrementAndGet();
        }
    }

    @AfterEach
    void close() throws Exception {
        gate.open();
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void whoWaitsForTheGuardHasAPlaceAndOneTooManyIsRefused() throws Exception {
        var guard = new Asking();
        InferencePath path = path(guard, ServingLimits.of(1 << 20, 1, 4));
        List<HeldCall> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) { // a worker, four places
            waiting.add(ask(path, "caller-" + i, 1));
        }

        HeldCall late = ask(path, "late", 1);

        assertThat(late.refusal().reason()).isEqualTo("OVERLOADED");
        assertThat(guard.asked).as("and the late one charged nothing").hasValue(5);
        guard.word.complete(null);
        for (HeldCall call : waiting) {
            assertThat(call.numbers()).containsExactly(2, 2);
        }
        assertThat(ask(path, "late", 1).numbers()).containsExactly(2, 2);
    }

    @Test
    void whoWaitsForTheGuardLongerThanIsPromisedIsRefusedAndHisPlaceComesBack() throws Exception {
        var guard = new Asking();
        InferencePath path = path(guard, TestLimits.times(4, SHORT, LONG));

        HeldCall call = ask(path, "a", 1);

        assertThat(call.refusal().code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(call.refusal().retryAfter()).contains(SHORT);
        assertThat(call.refusal()).hasMessageContaining("nothing was charged");
        assertThat(holds).as("of the model").hasValue(0);
        guard.word.complete(null); // too late for that one
        assertThat(ask(path, "a", 1).numbers()).containsExactly(2, 2);
    }

    @Test
    void whoGoesWhileTheGuardAsksHoldsNothingAnyMore() throws Exception {
        InferencePath path = path(new Asking(), ServingLimits.of(1 << 20, 1, 2));
        List<HeldCall> waiting = List.of(ask(path, "a", 1), ask(path, "b", 1), ask(path, "c", 1));
        assertThat(ask(path, "d", 1).refusal().reason()).isEqualTo("OVERLOADED");

        waiting.forEach(HeldCall::giveUp);

        Eventually.holds(() -> holds.get() == 0);
        assertThat(ask(path, "d", 1).ended()).as("waits for the guard").isFalse();
        assertThat(waiting).noneMatch(HeldCall::ended);
    }

    @Test
    void whoWaitsForTheGuardWhenItClosesIsSentElsewhere() throws Exception {
        InferencePath path = path(new Asking(), ServingLimits.of(1 << 20, 1, 4));
        HeldCall call = ask(path, "a", 1);

        path.close();

        assertThat(call.refusal().reason()).isEqualTo("DRAINING");
        assertThat(holds).hasValue(0);
    }

    @Test
    void oneIdentityLeavesPlacesForOthersHoweverManyConnectionsItHas() throws Exception {
        InferencePath path = path(Guard.OPEN, ServingLimits.of(1 << 20, 1, 8));
        gate.shut();
        HeldCall running = ask(path, "hog", 1);
        Eventually.holds(() -> gate.waiting() == 1);
        List<HeldCall> hog = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            hog.add(ask(path, "hog", i));
        }

        HeldCall other = ask(path, "other", 100);

        assertThat(hog.subList(0, 4)).noneMatch(HeldCall::ended);
        for (HeldCall refused : hog.subList(4, 8)) {
            assertThat(refused.refusal()).hasMessageContaining("4 of one identity");
        }
        gate.open();
        assertThat(running.numbers()).containsExactly(2, 2);
        assertThat(other.numbers()).containsExactly(2, 2);
    }

    @Test
    void oneIdentityLeavesBytesForOthers() throws Exception {
        InferencePath path = path(Guard.OPEN, ServingLimits.of(1 << 16, 1, 64));
        gate.shut();
        List<HeldCall> hog = new ArrayList<>();
        while (hog.isEmpty() || !hog.getLast().ended()) {
            hog.add(HeldCall.by("hog", 1, new float[1 << 14]));
            path.infer(hog.getLast());
        }

        assertThat(hog).as("of 64 KiB; half of four times 128 are his").hasSize(4);
        HeldCall other = HeldCall.by("other", 2, new float[1 << 14]);
        path.infer(other);
        gate.open();
        assertThat(other.numbers()).hasSize(1 << 14);
    }

    @Test
    void oneTenantsSlowModelDoesNotRefuseAnothersCaller() throws Exception {
        InferencePath path = ofTwo(TestLimits.times(64, SHORT, LONG));
        gate.shut();
        HeldCall slow = ask(path, "a", 1);
        long over = System.nanoTime() + SHORT.toNanos() * 2 / 3;
        Eventually.holds(() -> gate.waiting() == 1 && System.nanoTime() - over > 0);
        gate.open();
        slow.answer();
        gate.shut();
        List<HeldCall> waiting = new ArrayList<>();
        waiting.add(ask(path, "a", 1));
        Eventually.holds(() -> gate.waiting() == 1);
        while (!waiting.getLast().ended()) {
            waiting.add(ask(path, "a", waiting.size()));
        }
        assertThat(waiting.getLast().refusal()).hasMessageContaining("would wait");

        HeldCall quick = HeldCall.of("globex", "b", 99, 1, 1);
        path.infer(quick);
        gate.open();

        assertThat(quick.numbers()).containsExactly(2, 2);
    }

    @Test
    void oneTenantsLongRunsLeaveAnotherAWorker() throws Exception {
        InferencePath path = ofTwo(ServingLimits.of(1 << 20, 2, 8));
        gate.shut();
        List<HeldCall> slow = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            slow.add(ask(path, "a" + i, i));
        }
        Eventually.holds(() -> gate.waiting() == 1);

        for (int i = 0; i < 3; i++) {
            HeldCall quick = HeldCall.of("globex", "b", 99, 1, 1);
            path.infer(quick);
            assertThat(quick.numbers()).containsExactly(2, 2);
        }

        assertThat(gate.mostWaiting()).isEqualTo(1);
        gate.open();
        for (HeldCall call : slow) {
            assertThat(call.numbers()).containsExactly(2, 2);
        }
    }

    @Test
    void oneTenantsCallersTogetherLeaveAnothersTheirPlaces() throws Exception {
        InferencePath path = ofTwo(ServingLimits.of(1 << 20, 1, 8));
        gate.shut();
        HeldCall running = ask(path, "a", 1);
        Eventually.holds(() -> gate.waiting() == 1);
        List<HeldCall> crowd = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            crowd.add(ask(path, "a" + i, i));
        }

        HeldCall other = HeldCall.of("globex", "b", 99, 1, 1);
        path.infer(other);

        assertThat(crowd.subList(0, 4)).noneMatch(HeldCall::ended);
        assertThat(crowd.get(4).refusal().reason()).isEqualTo("OVERLOADED");
        gate.open();
        assertThat(running.numbers()).containsExactly(2, 2);
        assertThat(other.numbers()).containsExactly(2, 2);
    }

    @Test
    void aQuickModelThatTakesItsTimeOnceIsMovedToAWorkerAndCostsOneInference() throws Exception {
        ServedModel model = model(TwoNumbers.looping());
        InferencePath path = path(model, Guard.OPEN, ServingLimits.of(1 << 20, 1, 64));
        for (int i = 0; i < 10_000 && !model.times().quick(8); i++) {
            assertThat(ask(path, "a", 1, 0, 0).numbers()).containsExactly(0, 0);
        }
        assertThat(model.times().quick(8)).isTrue();
        Eventually.holds(() -> holds.get() == 0);
        int before = gate.passed();

        HeldCall slow = ask(path, "a", 1, 500_000, 1);

        assertThat(slow.answer().getOutputsCount()).isEqualTo(1);
        assertThat(slow.endedByMe()).isFalse();
        assertThat(gate.passed()).isEqualTo(before + 1);
        assertThat(model.times().quick(8)).isFalse();
    }

    @Test
    void aRequestOfManyRowsIsNeverRunByTheThreadThatBroughtIt() throws Exception {
        ServedModel model = model(TwoNumbers.doubling());
        InferencePath path = path(model, Guard.OPEN, ServingLimits.of(1 << 20, 1, 64));
        float[] rows = new float[2 * 9];
        for (int i = 0; i < 10_000 && !model.times().quick(72); i++) {
            assertThat(ask(path, "a", 1, rows).numbers()).hasSize(18);
        }
        assertThat(model.times().quick(72)).isTrue();
        gate.shut();

        HeldCall call = ask(path, "a", 1, rows); // would wait at the gate

        assertThat(call.ended()).isFalse();
        gate.open();
        assertThat(call.numbers()).hasSize(18);
    }

    @Test
    void aSizeThatAGraphCouldMultiplyBeyondTheNodeIsRefusedAndTheNodeAnswersOn() throws Exception {
        InferencePath path =
                path(
                        model(TwoNumbers.doubling()),
                        Guard.OPEN,
                        TestLimits.workingBytes(ServingLimits.of(1 << 20, 1, 64), 1 << 20));

        HeldCall large = ask(path, "a", 1, new float[2 * 513]);

        assertThat(large.refusal().code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(large.refusal().reason()).isEqualTo("INPUT_TOO_LARGE");
        assertThat(large.refusal()).hasMessageContaining("limits.workingBytes");
        assertThat(ask(path, "a", 1, new float[2 * 512]).numbers()).hasSize(1024);
    }

    @Test
    void theSquareOfAnInputThatNoMachineHoldsIsRefusedBeforeItIsTried() throws Exception {
        OnnxModel square =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 2)
                        .output("y", OnnxModel.FLOAT, -1, -1)
                        .node("Transpose", List.of("x"), List.of("turned"))
                        .node("MatMul", List.of("x", "turned"), List.of("y"));
        InferencePath path = path(model(square), Guard.OPEN, ServingLimits.of(64 << 20, 1, 64));

        HeldCall call = ask(path, "a", 1, new float[2 * 200_000]); // 160 GB

        assertThat(call.refusal().reason()).isEqualTo("INPUT_TOO_LARGE");
        assertThat(ask(path, "a", 1, 3, 4).numbers()).containsExactly(25);
    }

    @Test
    void rowsAreProvenOnlyUnderALeaseAndAHold() throws Exception {
        ServedModel ended =
                new ServedModel("acme/net", "1", engine(TwoNumbers.doubling()), new Ended());
        try (var path = new InferencePath(new Counted(ended, holds), Guard.OPEN, proving())) {
            assertThat(ask(path, "a", 1).numbers()).containsExactly(2, 2);
        }
        assertThat(ended.knowsRows()).isFalse();

        ServedModel gone = model(TwoNumbers.doubling());
        var once = new Counted(gone, holds);
        ServedModels replaced =
                new ServedModels() {
                    @Override
                    public Optional<Hold> hold(String name, String version) {
                        return holds.get() == 0 ? once.hold(name, version) : Optional.empty();
                    }

                    @Override
                    public List<ServedModel> inForce() {
                        return List.of();
                    }
                };
        try (var path = new InferencePath(replaced, Guard.OPEN, proving())) {
            holds.set(0);
            gate.shut();
            HeldCall call = ask(path, "a", 1);
            holds.set(100); // another version took its place
            gate.open();
            assertThat(call.numbers()).containsExactly(2, 2);
        }
        assertThat(gone.knowsRows()).isFalse();
    }

    /** A lease that ended with the last of its inferences. */
    private static final class Ended implements Admission {
        @Override
        public Optional<Refusal> take() {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> refusal() {
            return Optional.of(new Refusal("LEASE_USED_UP", "none left"));
        }

        @Override
        public Optional<Refusal> interruption() {
            return Optional.empty();
        }
    }

    private static ServingLimits proving() {
        return TestLimits.times(64, LONG, LONG);
    }

    private HeldCall ask(InferencePath path, String name, long connection) {
        return ask(path, name, connection, 1, 1);
    }

    private static HeldCall ask(
            InferencePath path, String name, long connection, float... numbers) {
        HeldCall call = HeldCall.by(name, connection, numbers);
        path.infer(call);
        return call;
    }

    /** Acme's model waits at the gate, and globex's for nothing. */
    private InferencePath ofTwo(ServingLimits limits) throws Exception {
        var acme = model(TwoNumbers.doubling());
        var globex =
                new ServedModel("globex/net", "1", engine(TwoNumbers.doubling()), new OpenLease());
        ServedModels both =
                new ServedModels() {
                    @Override
                    public Optional<Hold> hold(String name, String version) {
                        var model = name.equals(acme.name()) ? acme : globex;
                        return new Counted(model, holds).hold(name, version);
                    }

                    @Override
                    public List<ServedModel> inForce() {
                        return List.of(acme, globex);
                    }
                };
        var path = new InferencePath(both, Guard.OPEN, TestLimits.tenants(limits, 2));
        open.add(path);
        return path;
    }

    private InferencePath path(Guard guard, ServingLimits limits) throws Exception {
        return path(model(TwoNumbers.doubling()), guard, limits);
    }

    private InferencePath path(ServedModel model, Guard guard, ServingLimits limits) {
        var path = new InferencePath(new Counted(model, holds), guard, limits);
        open.add(path);
        return path;
    }

    private ServedModel model(OnnxModel graph) throws Exception {
        return new ServedModel("acme/net", "1", engine(graph), gate);
    }

    private Engine engine(OnnxModel graph) throws Exception {
        OpenedModel opened = OpenedModel.of(graph.bytes(), scratch);
        open.add(opened);
        return opened.engine();
    }
}
