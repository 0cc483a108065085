package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node that goes by an alias, its owner's commands, and callers who do not stop asking. */
@ExtendWith(SharedDeployment.class)
class AliasTest {
    private static final List<Long> SEEDS = List.of(101L, 102L);
    private static final int CALLERS = 2;

    private static Deployment world;
    private static ModelName model;
    private static Caller caller;

    @BeforeAll
    static void serve(Deployment shared) throws Exception {
        world = shared.beside("alias");
        model = world.tenant().model("aliased");
        world.permit(model);
        for (long seed : SEEDS) {
            world.push(model, TinyModel.write(world.owner().resolve("s" + seed + ".onnx"), seed));
        }
        alias("set", model + "@production", "1").succeeded();
        world.startNode("model: " + model + "@production", world.nodeData(0), Launch.plain());
        caller = Caller.of(world.tenant().consumer(), world.node().field("grpc"));
    }

    @AfterAll
    static void stop() throws Exception {
        caller.close();
        world.close();
    }

    @Test
    void aMoveUnderLoadLosesNoCallAndTheVersionLeftIsOverwritten() throws Exception {
        assertThat(answered("")).as("not the latest").isEqualTo(SEEDS.getFirst());
        long overwritten = occurrences("node.zeroised");
        var stop = new AtomicBoolean();
        var answers = new AtomicLong();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> asking =
                    IntStream.range(0, CALLERS)
                            .<Future<?>>mapToObj(i ->
                                    callers.submit(() -> {
                                        while (!stop.get()) {
                                            answered(i == 0 ? "" : "production");
                                            answers.incrementAndGet();
                                        }
                                    }))
                            .toList();
            try {
                for (int round = 0; round < 2; round++) {
                    move(2);
                    Eventually.holds(() -> answered("") == SEEDS.getLast());
                    move(1);
                    Eventually.holds(() -> answered("") == SEEDS.getFirst());
                }
            } finally {
                stop.set(true);
            }
            for (Future<?> each : asking) {
                requireNoFailure(each);
            }
        }
        assertThat(answers.get()).isPositive();
        Eventually.holds(() -> occurrences("node.zeroised") >= overwritten + 4);
    }

    private static void requireNoFailure(Future<?> asking) throws InterruptedException {
        try {
            asking.get();
        } catch (ExecutionException e) {
            throw new AssertionError("a call failed while the alias moved", e.getCause());
        }
    }

    @Test
    void callersNameTheAliasAndNoOther() {
        ModelInferResponse answer = TinyQuestion.ask(caller.channel(), model, "production");
        assertThat(answer.getModelVersion()).isEqualTo("1");
        for (String other : List.of("canary", "2", "latest")) {
            Refused.by(() -> TinyQuestion.ask(caller.channel(), model, other))
                    .with(Status.Code.NOT_FOUND, "VERSION_NOT_FOUND");
        }
        assertThat(infer("@production").succeeded().out()).contains("outputs");
        assertThat(infer("@canary").exit()).isEqualTo(3);
    }

    private static Outcome infer(String alias) {
        return world.command(
                world.tenant().consumer(),
                "infer",
                model + alias,
                "--node",
                world.node().field("grpc"),
                "--input",
                "x=" + List.of(Arrays.toString(TinyModel.row(1))));
    }

    @Test
    void theOwnersCommandSaysWhatItDoesAndRefusesWhatItCannot() throws Exception {
        String canary = model + "@canary";
        assertThat(alias("set", canary, "2", "--dry-run").succeeded().field("state"))
                .isEqualTo("would-be-moved");
        assertThat(listed()).doesNotContain("canary");
        Outcome begun = alias("set", canary, "2", "--expect", "0").succeeded();
        assertThat(begun.field("from") + begun.field("to") + begun.field("state"))
                .isEqualTo("02moved");
        assertThat(alias("set", canary, begun.field("version_id")).succeeded().field("state"))
                .isEqualTo("unchanged");
        assertThat(listed()).contains("canary", "production");
        assertThat(alias("set", canary, "1", "--expect", "1").exit()).isEqualTo(6);
        assertThat(alias("set", canary, "99").exit()).isEqualTo(3);
        assertThat(alias("set", canary, "next").exit()).isEqualTo(1);
        assertThat(alias("set", model + "@latest", "1").exit()).isEqualTo(1);
        assertThat(alias("rm", model + "@never").exit()).isEqualTo(3);
        alias("set", canary, "1").succeeded();
        revoke("version");
        Outcome revoked = alias("set", canary, "2");
        assertThat(revoked.exit()).isEqualTo(6);
        assertThat(revoked.err() + revoked.out()).contains("ALIAS_TARGET_REFUSED");
        revoke("lift", "version");
        assertThat(alias("rm", canary, "--dry-run").succeeded().field("state"))
                .isEqualTo("would-be-moved");
        alias("rm", canary).succeeded();
        assertThat(listed()).doesNotContain("canary");
        String log = world.command(world.auditor(), "audit", "list", "-o", "json").out();
        assertThat(log).contains("alias.moved");
    }

    private static void revoke(String... how) {
        List<String> words = new ArrayList<>(List.of("revoke"));
        words.addAll(List.of(how));
        words.addAll(List.of(model + ":2", "--reason", "a test"));
        world.command(world.operator(), words.toArray(String[]::new)).succeeded();
    }

    private static String listed() {
        return world.command(
                        world.tenant().owner(),
                        "model",
                        "alias",
                        "list",
                        model.toString(),
                        "-o",
                        "json")
                .succeeded()
                .out();
    }

    private static void move(long to) {
        alias("set", model + "@production", Long.toString(to)).succeeded();
    }

    private static Outcome alias(String... words) {
        List<String> all = new ArrayList<>(List.of("model", "alias"));
        all.addAll(List.of(words));
        all.addAll(List.of("-o", "json"));
        return world.command(world.tenant().owner(), all.toArray(String[]::new));
    }

    private static long answered(String version) {
        return TinyQuestion.seedOf(TinyQuestion.ask(caller.channel(), model, version), SEEDS);
    }

    private static long occurrences(String event) {
        String log =
                world.command(world.auditor(), "audit", "list", "-o", "json").succeeded().out();
        return log.split(event, -1).length - 1L;
    }
}
