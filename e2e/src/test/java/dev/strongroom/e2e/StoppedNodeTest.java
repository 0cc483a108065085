package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node that its operator stops (SIGTERM) while it is asked without a pause. */
@ExtendWith(SharedDeployment.class)
class StoppedNodeTest {
    private static final int CALLERS = 4;
    private static final int FIRST_ANSWERS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AtomicLong answers = new AtomicLong();
    private Deployment world;
    private ModelName model;

    @BeforeEach
    void serve(Deployment shared) throws Exception {
        world = shared.beside("stopped");
        model = world.tenant().model("tiny");
        world.serve(model, TinyModel.write(world.owner().resolve("stopped.onnx"), Deployment.SEED));
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    @Test
    void callsAreAnsweredOrSentElsewhereAndTheLogHasItsLastWord() throws Exception {
        Daemon node = world.node();
        long before = lastWords();
        List<Status> ends = new ArrayList<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Status>> asking = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                asking.add(callers.submit(() -> askUntilRefused(node)));
            }
            Eventually.holds(() -> answers.get() >= FIRST_ANSWERS);
            node.terminate();
            for (Future<Status> each : asking) {
                ends.add(each.get());
            }
        }
        assertThat(ends).extracting(Status::getCode).containsOnly(Status.Code.UNAVAILABLE);
        assertThat(node.awaitEnd(PATIENCE)).as(Files.readString(world.nodeLog())).isZero();
        assertThat(lastWords()).as("in the vault's log").isEqualTo(before + 1);
        assertThat(Files.readString(world.nodeLog()))
                .contains("lease.ended rule=node.stopped", "zeroisation.reported", "node.closed")
                .doesNotContain("ERROR");
    }

    /** Why the first call that was not answered was not; a wrong answer is an error. */
    private Status askUntilRefused(Daemon node) throws Exception {
        try (var caller = Caller.of(world.tenant().consumer(), node.field("grpc"))) {
            while (true) {
                var answer = TinyQuestion.ask(caller.channel(), model, "");
                assertThat(TinyQuestion.seedOf(answer, List.of(Deployment.SEED)))
                        .isEqualTo(Deployment.SEED);
                answers.incrementAndGet();
            }
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    private long lastWords() {
        String log =
                world.command(world.auditor(), "audit", "list", "-o", "json").succeeded().out();
        return log.split("node.zeroised", -1).length - 1L;
    }
}
