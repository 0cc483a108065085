package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Profile;
import dev.strongroom.client.Tensor;
import dev.strongroom.client.VersionDemand;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * From the command to the last answered call and to overwritten memory, on nodes of the
 * distribution; and what a node does whose vault is gone.
 */
@ExtendWith(SharedDeployment.class)
class RevocationTest {
    private static final int NODES = 3;

    /** Revocations that the nightly run measures, one node each while all of them serve. */
    private static final int REVOCATIONS = Integer.getInteger("strongroom.revocations", 201);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration CONNECTED_P99 = Duration.ofSeconds(1);

    private final List<Serving> serving = new ArrayList<>();
    private Deployment world;
    private ModelName model;

    /** A node with an identity, a data folder and a log of its own. */
    private record Serving(String identity, Daemon daemon, Path log) implements AutoCloseable {
        @Override
        public void close() {
            daemon.close();
        }
    }

    /** Nanoseconds from the command. */
    private record Measured(long lastAnswer, long overwritten) {}

    @BeforeEach
    void pushBeside(Deployment shared) throws Exception {
        push(shared.beside("revocation"));
    }

    private void push(Deployment deployment) throws Exception {
        world = deployment;
        model = world.tenant().model("tiny");
        world.permit(model);
        Path plain = world.owner().resolve("revocation.onnx");
        world.push(model, TinyModel.write(plain, Deployment.SEED));
    }

    @AfterEach
    void stop() throws Exception {
        serving.forEach(Serving::close);
        world.close();
    }

    @Test
    void aRevokedNodeAnswersNothingMoreAndSignsThatItsMemoryIsOverwritten() throws Exception {
        startNodes(1);
        measure(serving.getFirst());
        Outcome log = world.command(world.auditor(), "audit", "list", "-o", "json");
        assertThat(log.succeeded().out()).contains("node.zeroised", "revoked.node");
        assertThat(
                        world.command(world.operator(), "revoke", "list", "-o", "json")
                                .succeeded()
                                .out())
                .contains("edge-1");
    }

    @Test
    @Tag("nightly")
    void revocationsReachConnectedNodesWithinASecond() throws Exception {
        List<Measured> all = new ArrayList<>();
        long p99 = Long.MAX_VALUE;
        while (all.size() < REVOCATIONS) {
            startNodes(NODES);
            for (Serving node : serving) {
                all.add(measure(node));
            }
            for (Serving node : serving) {
                lift(node);
                node.close();
            }
            serving.clear();
            report("last answer", all.stream().mapToLong(Measured::lastAnswer).toArray());
            p99 = report("overwritten", all.stream().mapToLong(Measured::overwritten).toArray());
        }
        assertThat(Duration.ofNanos(p99)).isLessThan(CONNECTED_P99);
    }

    @Test
    @Tag("nightly")
    void aNodeThatIsCutOffStopsAtItsLeasesEnd() throws Exception {
        world.close();
        push(Deployment.withoutModel()); // a vault of its own: it is killed
        world.vault().close();
        world.configureVault("limits: {leaseMinutes: 1}");
        world.startVault(Launch.plain());
        startNodes(1);
        Serving node = serving.getFirst();
        Instant begun = Instant.now();
        Instant end;
        try (var client = client(node)) {
            client.infer(input());
            world.vault().kill();
            client.infer(input());
            // Its slice of the caller's day may be spent before.
            Ending ending = untilRefused(client);
            assertThat(ending.why())
                    .containsAnyOf(
                            "has expired and was not renewed",
                            "did not say what is left of this caller's day");
            end = ending.lastAsked();
            awaitLine(node.log(), "lease.ended rule=lease.expired");
            assertThatThrownBy(() -> client.infer(input()))
                    .isInstanceOf(StatusRuntimeException.class);
        }
        Duration served = Duration.between(begun, end);
        System.out.printf(
                "cut off: what was asked %.1f s after the node was ready was answered last%n",
                served.toMillis() / 1e3);
        assertThat(served).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(60));
    }

    private void startNodes(int count) throws Exception {
        List<Callable<Serving>> starts = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String name = "edge-" + i;
            starts.add(() -> startNode(name));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Serving> each : threads.invokeAll(starts)) {
                serving.add(each.get());
            }
        }
    }

    private Serving startNode(String name) throws Exception {
        Tenant tenant = world.tenant();
        Path identity =
                name.equals("edge-1")
                        ? tenant.node()
                        : world.rest().resolve(tenant.name() + "-" + name);
        synchronized (this) {
            if (!Files.exists(identity)) {
                world.identity(
                        "node",
                        name,
                        identity,
                        "--tenant",
                        tenant.name(),
                        "--owner-id",
                        tenant.ownerId().hex());
            }
        }
        Path data = Files.createTempDirectory(world.rest(), name + "-");
        Path log = data.resolveSibling(data.getFileName() + ".log");
        Path config =
                Files.writeString(
                        data.resolveSibling(data.getFileName() + ".yaml"),
                        """
                        vault: %s
                        identity: {ca: %4$s/ca.pem, cert: %4$s/cert.pem, key: %4$s/key.pem}
                        pin: %s
                        model: %s
                        dataDir: %5$s
                        """
                                .formatted(
                                        world.vault().field("grpc"),
                                        world.pin().hex(),
                                        model,
                                        identity,
                                        data));
        Daemon daemon =
                world.distribution()
                        .start(
                                log,
                                Launch.plain(),
                                List.of(
                                        "./strongroom-sim",
                                        "--world",
                                        world.rest().resolve("world").toString(),
                                        "node",
                                        "--host-data",
                                        tenant.ownerId().hex(),
                                        "--config",
                                        config.toString()));
        return new Serving(name, daemon, log);
    }

    /** Revokes a node that is being asked all the time. */
    private Measured measure(Serving node) throws Exception {
        try (var client = client(node);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            client.infer(input());
            Future<Long> lastAnswer = threads.submit(() -> lastAnswer(client));
            long command = System.nanoTime();
            Future<Long> overwritten =
                    threads.submit(() -> awaitLine(node.log(), "lease.ended rule=revoked.node"));
            world.command(
                            world.operator(),
                            "revoke",
                            "node",
                            model.tenant() + "/" + node.identity(),
                            "--reason",
                            "measured")
                    .succeeded();
            var measured = new Measured(lastAnswer.get() - command, overwritten.get() - command);
            awaitLine(node.log(), "zeroisation.reported");
            return measured;
        }
    }

    private void lift(Serving node) {
        world.command(
                        world.operator(),
                        "revoke",
                        "lift",
                        "node",
                        model.tenant() + "/" + node.identity(),
                        "--reason",
                        "measured")
                .succeeded();
    }

    private static long lastAnswer(InferenceClient client) throws ClientException {
        long last = System.nanoTime();
        try {
            while (true) {
                client.infer(input());
                last = System.nanoTime();
            }
        } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining("ended by revoked.node");
            return last;
        }
    }

    /**
     * How a node's answers ended.
     *
     * @param lastAsked when the last call was sent that was answered
     */
    private record Ending(String why, Instant lastAsked) {}

    private static Ending untilRefused(InferenceClient client) throws ClientException {
        Instant lastAsked = Instant.now();
        Instant deadline = lastAsked.plus(PATIENCE.multipliedBy(2));
        while (Instant.now().isBefore(deadline)) {
            Instant asked = Instant.now();
            try {
                client.infer(input());
            } catch (StatusRuntimeException e) {
                return new Ending(String.valueOf(e.getMessage()), lastAsked);
            }
            lastAsked = asked;
        }
        throw new AssertionError("the node answers without a vault");
    }

    private InferenceClient client(Serving node) throws ClientException, IOException {
        var target =
                new NodeTarget(
                        new Profile(world.tenant().consumer()),
                        node.daemon().field("grpc"),
                        Optional.of(world.vault().field("grpc")),
                        world.pin(),
                        model,
                        VersionDemand.atLeast(1),
                        Optional.empty());
        return InferenceClient.attest(
                target, world.anchors(), InstantSource.system(), new SecureRandom());
    }

    private static List<Tensor> input() {
        return List.of(Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), TinyModel.row(3)));
    }

    /** When the line was seen, by {@link System#nanoTime}. */
    private static long awaitLine(Path log, String line) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.multipliedBy(2).toNanos();
        while (System.nanoTime() < deadline) {
            if (Files.readString(log).contains(line)) {
                return System.nanoTime();
            }
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
        throw new AssertionError(log + ": no line with " + line);
    }

    /** Prints the distribution and answers its 99th percentile. */
    private static long report(String what, long[] nanos) {
        Arrays.sort(nanos);
        long p99 = nanos[(int) Math.ceil(nanos.length * 0.99) - 1];
        System.out.printf(
                "revocation to %s: n=%d p50=%.1f ms p99=%.1f ms max=%.1f ms%n",
                what,
                nanos.length,
                nanos[nanos.length / 2] / 1e6,
                p99 / 1e6,
                nanos[nanos.length - 1] / 1e6);
        return p99;
    }
}
