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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A version under a new data key while a node serves it, with every process a real one. */
@Tag("nightly")
class ResealTest {
    private static final int CALLERS = 4;
    private static final int RESEALS = 3;

    private Deployment world;
    private ModelName tiny;
    private float[] row;
    private float[] expected;

    @BeforeEach
    void makeWorld() throws Exception {
        world = Deployment.withoutModel();
        tiny = world.acme().model("tiny");
        push(tiny, List.of(world.measurement()));
        world.serves(tiny);
        world.startNode(tiny, Launch.plain());
        row = TinyModel.row(3);
        expected = TinyModel.expected(row, Deployment.SEED);
    }

    @AfterEach
    void removeWorld() throws Exception {
        world.close();
    }

    private void push(ModelName name, List<String> resealBy) throws Exception {
        world.permit(name);
        Path plain = TinyModel.write(world.owner().resolve("model.onnx"), Deployment.SEED);
        try (var connection = world.connect(world.acme().owner())) {
            world.publisher(connection)
                    .push(
                            new PushRequest(
                                    name,
                                    plain,
                                    PushRequest.Preparing.WHERE_THERE_IS_ROOM,
                                    TrustLevel.SOFTWARE,
                                    "",
                                    "",
                                    resealBy,
                                    PushRequest.Marking.NONE));
        }
    }

    @Test
    void noCallFailsWhileTheSealIsReplacedAndEveryCiphertextIsAnother() throws Exception {
        Set<String> before = objects();
        assertThat(before).isNotEmpty();
        var answered = new AtomicLong();
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        long during;
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
                long first = answered.get();
                resealAll(before);
                during = answered.get() - first;
            } finally {
                enough.set(true);
            }
        }
        assertThat(failed).isEmpty();
        assertThat(during).isPositive();
        System.out.printf(
                "re-seal: %d calls answered, 0 failed, while the version was sealed anew %d"
                        + " times%n",
                during, RESEALS);
        theRecordsSayWho();
        aRestartedNodeAnswersTheSameFromTheNewSealOnly();
    }

    private void resealAll(Set<String> first) throws Exception {
        Set<String> last = first;
        for (int epoch = 1; epoch <= RESEALS; epoch++) {
            JsonNode done = world.reseal(tiny).succeeded().json();
            assertThat(done.path("epoch").asInt()).isEqualTo(epoch);
            assertThat(done.path("tee").asString()).isEqualTo("simulated");
            Set<String> now = objects();
            assertThat(now).hasSameSizeAs(last).doesNotContainAnyElementsOf(last);
            last = now;
        }
        JsonNode shown =
                world.cli(world.acme().owner(), "model", "verify", tiny.toString(), "-o", "json")
                        .succeeded()
                        .json();
        assertThat(shown.path("seal_epoch").asInt()).isEqualTo(RESEALS);
        assertThat(shown.path("sealed_by").asString()).isEqualTo(world.measurement());
        assertThat(shown.path("sealed_files").asString()).isEqualTo("ok");
    }

    private void call(InferenceClient client, AtomicLong answered, Queue<Throwable> failed) {
        try {
            List<Tensor> answer =
                    client.infer(
                            List.of(Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row)));
            assertThat(answer.getFirst().floats()).containsExactly(expected, within(1e-5f));
            answered.incrementAndGet();
        } catch (Exception | AssertionError e) {
            failed.add(e);
        }
    }

    private void theRecordsSayWho() throws Exception {
        var types = new ConcurrentLinkedQueue<String>();
        try (var connection = world.connect(world.auditor())) {
            var trail = AuditTrail.of(connection, world.pin(), world.anchors());
            trail.verifyAll();
            trail.list(
                    0,
                    0,
                    leaf -> {
                        AuditRecord record = leaf.record();
                        types.add(record.type());
                        if (record.type().equals(AuditRecord.RESEAL_BEGUN)) {
                            assertThat(record.fields())
                                    .containsEntry("measurement", world.measurement())
                                    .containsEntry("tee", "simulated");
                        }
                    });
        }
        assertThat(types.stream().filter(AuditRecord.VERSION_RESEALED::equals)).hasSize(RESEALS);
        assertThat(types.stream().filter(AuditRecord.RESEAL_BEGUN::equals)).hasSize(RESEALS);
    }

    private void aRestartedNodeAnswersTheSameFromTheNewSealOnly() throws Exception {
        Path data = world.nodeData(0);
        Path sealed = data.resolve("sealed").resolve(tiny.tenant().value());
        Set<String> old = names(sealed);
        world.node().kill();
        world.startNode(tiny, data, Launch.plain());
        assertThat(names(sealed)).isNotEmpty().doesNotContainAnyElementsOf(old);
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        try (InferenceClient client = world.attested()) {
            call(client, new AtomicLong(), failed);
        }
        assertThat(failed).isEmpty();
    }

    @Test
    void withoutTheOwnersGrantNothingIsSealedAnew() throws Exception {
        ModelName closed = world.acme().model("closed");
        push(closed, List.of());
        Set<String> before = objects();
        Outcome refused = world.reseal(closed);
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err()).contains("the owner lets no node seal").contains("--reseal-by");
        assertThat(objects()).isEqualTo(before);
    }

    /** Names are digests: another ciphertext has another name. */
    private Set<String> objects() throws IOException {
        return names(world.vaultData().resolve("objects"));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> String.valueOf(file.getFileName()))
                    .collect(Collectors.toSet());
        }
    }
}
