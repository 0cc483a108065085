package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.AuditTrail;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.PushRequest;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rotation under inference, over mutual TLS, with every process a real one. */
class RotationTest {
    private static final int CALLERS = 8;
    private static final int CALLS = 1000;
    private static final int ROTATIONS = 3; // of each tenant
    private static final int BATCH = 5;
    private static final int VERSIONS = 24; // of the tenant that serves, beside the one served
    private static final int VERSIONS_OF_THE_OTHER = 6;

    /** From before a call was sent until its answer was read. */
    private record Call(Instant from, Instant to) {}

    private Deployment world;
    private float[] row;
    private float[] expected;

    @BeforeEach
    void makeWorld() throws Exception {
        world = Deployment.withoutModel(Launch.plain(), "limits: {rotationBatch: " + BATCH + "}");
        ModelName tiny = world.acme().model("tiny");
        world.serve(tiny, TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED));
        row = TinyModel.row(3);
        expected = TinyModel.expected(row, Deployment.SEED);
        pushMany(world.acme().model("more"), VERSIONS);
        pushMany(world.newTenant("beta").model("more"), VERSIONS_OF_THE_OTHER);
    }

    @AfterEach
    void removeWorld() throws Exception {
        world.close();
    }

    private void pushMany(ModelName model, int versions) throws Exception {
        world.permit(model);
        try (var connection = world.connect(world.tenant(model.tenant().value()).owner())) {
            var publisher = world.publisher(connection);
            for (int i = 0; i < versions; i++) {
                Path plain = world.owner().resolve(model.name() + "-" + i + ".onnx");
                publisher.push(
                        new PushRequest(
                                model,
                                TinyModel.write(plain, 100 + i),
                                PushRequest.Preparing.NEVER,
                                TrustLevel.SOFTWARE,
                                "",
                                ""));
            }
        }
    }

    @Test
    void noCallFailsWhileEveryKeyIsReWrapped() throws Exception {
        Queue<Call> answered = new ConcurrentLinkedQueue<>();
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        Instant begun;
        Instant ended;
        try (InferenceClient client = world.attested();
                var callers = Executors.newFixedThreadPool(CALLERS)) {
            var enough = new AtomicBoolean();
            var underWay = new CountDownLatch(CALLERS);
            for (int i = 0; i < CALLERS; i++) {
                callers.execute(() -> {
                    while (!enough.get() && failed.isEmpty()) {
                        call(client, answered, failed);
                        underWay.countDown();
                    }
                });
            }
            try {
                underWay.await();
                begun = Instant.now();
                for (int i = 0;
                        i < ROTATIONS || whole(answered, begun, Instant.now()) < CALLS;
                        i++) {
                    rotate("acme");
                    rotate("beta");
                }
                ended = Instant.now();
            } finally {
                enough.set(true);
            }
        }
        assertThat(failed).isEmpty();
        long during = whole(answered, begun, ended);
        assertThat(during).isGreaterThanOrEqualTo(CALLS);
        List<AuditRecord> batches = batches(begun);
        batches.forEach(batch -> requireOneInFlight(answered, batch));
        int perRound =
                Math.ceilDiv(VERSIONS + 1, BATCH) + Math.ceilDiv(VERSIONS_OF_THE_OTHER, BATCH);
        assertThat(batches).hasSizeGreaterThanOrEqualTo(ROTATIONS * perRound);
        System.out.printf(
                "rotation: %d calls answered, 0 failed, while %d records were re-wrapped in %d"
                        + " batches; at each of them at least one was in flight%n",
                during, batches.stream().mapToInt(RotationTest::records).sum(), batches.size());
        aNodeStartedNowGetsItsLeaseThroughTheNewKey();
    }

    private void call(InferenceClient client, Queue<Call> answered, Queue<Throwable> failed) {
        try {
            Instant from = Instant.now();
            List<Tensor> answer =
                    client.infer(
                            List.of(Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row)));
            answered.add(new Call(from, Instant.now()));
            assertThat(answer.getFirst().floats()).containsExactly(expected, within(1e-5f));
        } catch (Exception | AssertionError e) {
            failed.add(e);
        }
    }

    /** How many calls were sent and answered between two moments. */
    private static long whole(Queue<Call> calls, Instant from, Instant to) {
        return calls.stream()
                .filter(call -> !call.from.isBefore(from) && !call.to.isAfter(to))
                .count();
    }

    private JsonNode rotate(String tenant) {
        JsonNode done =
                world.command(
                                world.tenant(tenant).owner(),
                                "keys",
                                "rotate",
                                "--tenant",
                                tenant,
                                "-o",
                                "json")
                        .succeeded()
                        .json();
        assertThat(done.path("retired").asBoolean()).isTrue();
        return done;
    }

    /** The time of a batch in the log is a moment of its re-wrap, told to the millisecond. */
    private static void requireOneInFlight(Queue<Call> calls, AuditRecord batch) {
        Instant from = batch.time();
        Instant to = from.plusMillis(1);
        assertThat(calls)
                .as("a call in flight at %s, when a batch was re-wrapped", from)
                .anyMatch(call -> call.from.isBefore(to) && !call.to.isBefore(from));
    }

    private List<AuditRecord> batches(Instant since) throws Exception {
        var found = new ArrayList<AuditRecord>();
        try (var connection = world.connect(world.auditor())) {
            var trail = AuditTrail.of(connection, world.pin(), world.anchors());
            trail.verifyAll();
            trail.list(
                    0,
                    0,
                    leaf -> {
                        AuditRecord record = leaf.record();
                        if (record.type().equals(AuditRecord.KEK_REWRAPPED)
                                && !record.time().isBefore(since.minusMillis(1))) {
                            found.add(record);
                        }
                    });
        }
        return found;
    }

    private static int records(AuditRecord batch) {
        return Integer.parseInt(batch.fields().getOrDefault("records", "0"));
    }

    private void aNodeStartedNowGetsItsLeaseThroughTheNewKey() throws Exception {
        JsonNode keks = keks();
        int newest = keks.size();
        for (JsonNode kek : keks) {
            boolean active = kek.path("version").asInt() == newest;
            assertThat(kek.path("state").asString()).isEqualTo(active ? "active" : "retired");
            assertThat(kek.path("wrapped_records").asInt()).isEqualTo(active ? VERSIONS + 1 : 0);
        }
        world.node().kill();
        world.startNode(world.model(), Launch.plain());
        try (InferenceClient client = world.attested()) {
            assertThat(releasedThrough(client.proof().logIndex())).isEqualTo(newest);
            Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
            call(client, new ConcurrentLinkedQueue<>(), failed);
            assertThat(failed).isEmpty();
        }
    }

    /** The key-encryption key of a release, as the log's proven leaf has it. */
    private int releasedThrough(long leaf) throws Exception {
        try (var connection = world.connect(world.auditor())) {
            AuditRecord record =
                    AuditTrail.of(connection, world.pin(), world.anchors())
                            .verifyLeaf(leaf)
                            .record();
            assertThat(record.type()).isEqualTo(AuditRecord.KEY_RELEASED);
            return Integer.parseInt(record.fields().getOrDefault("kek", "0"));
        }
    }

    private JsonNode keks() throws Exception {
        return world.cli(world.acme().owner(), "keys", "status", "--tenant", "acme", "-o", "json")
                .succeeded()
                .json()
                .path("keks");
    }
}
