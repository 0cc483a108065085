package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What one tenant of a node does, or his model does not, costs him and nobody else. */
class TenantsApartTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static Deployment world;
    private static Tenant acme;
    private static Tenant globex;
    private static SharedNode shared;
    private static ModelName ofAcme;

    @BeforeAll
    static void begin() throws Exception {
        world = Deployment.withoutModel();
        acme = world.acme();
        globex = world.newTenant("globex");
        shared = new SharedNode(world, List.of(globex, acme));
        ofAcme = shared.push(acme, "net", 1, globex.ownerId());
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    @Test
    void aTenantWhoWithdrawsKeepsNoRestartFromTheOthersAndIsBackWhenHeAllowsItAgain()
            throws Exception {
        ModelName net = shared.push(globex, "net", 2, acme.ownerId());
        Path config = shared.config("withdrawn", net, ofAcme);
        Daemon before = world.startNodeLaunchedWith(shared.hostData(config), config);
        requireAnswer(globex, net, 2);
        shared.permit(net); // and names nobody
        before.kill();

        world.startNodeLaunchedWith(shared.hostData(config), config);

        requireAnswer(acme, ofAcme, 1);
        assertThatThrownBy(() -> answer(globex, net, 2))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refusal ->
                                assertThat(refusal.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNAVAILABLE));
        assertThat(Files.readString(world.nodeLog()))
                .contains("model.left-out model=" + net, "policy.co-owners of " + net);
        shared.permit(net, acme.ownerId());
        Eventually.holds(PATIENCE, () -> isAnswered(globex, net, 2));
        requireAnswer(acme, ofAcme, 1);
    }

    @Test
    void aModelThatThereIsNoVersionOfKeepsNoStartFromTheOthers() throws Exception {
        ModelName none = globex.model("none");
        Path config = shared.config("none", none, ofAcme);
        world.startNodeLaunchedWith(shared.hostData(config), config);
        requireAnswer(acme, ofAcme, 1);
        assertThat(Files.readString(world.nodeLog())).contains("model.left-out model=" + none);
    }

    /** Its key is split, and its owner's agent takes connections and says nothing. */
    @Test
    @Tag("nightly")
    void aLoadThatHangsDelaysNoOtherTenantsVersions() throws Exception {
        ModelName split = globex.model("split");
        shared.permit(split, acme.ownerId());
        try (Daemon agent = agent();
                var silent = new SilentAgent()) {
            pushSplit(split, agent);
            Path config =
                    shared.config(
                            "hanging",
                            List.of(
                                    SharedNode.listed(globex)
                                            .replaceAll("}$", ", agent: " + silent.address() + "}"),
                                    SharedNode.listed(acme)),
                            List.of(
                                    "{model: %s, follow: 1}".formatted(ofAcme),
                                    SharedNode.listed(split)));
            world.startNodeLaunchedWith(shared.hostData(config), config);
            requireAnswer(acme, ofAcme, 1);
            Socket hanging = silent.next();

            shared.push(ofAcme, 5);
            Eventually.holds(PATIENCE, () -> isAnswered(acme, ofAcme, 5));

            assertThat(isOpen(hanging)).as("globex' load still hangs").isTrue();
        } finally {
            shared.push(ofAcme, 1);
        }
    }

    private static Daemon agent() throws Exception {
        Path config = world.rest().resolve("agent.yaml");
        Files.writeString(
                config,
                """
                dataDir: %s
                owner: %s
                passwordFile: %s
                """
                        .formatted(
                                world.rest().resolve("agent"),
                                globex.ownerId().hex(),
                                world.rest().resolve("agent.password")));
        world.sim("agent", "init", "--config", config.toString()).succeeded();
        return world.distribution()
                .start(
                        world.rest().resolve("agent.log"),
                        Launch.plain(),
                        List.of(
                                "./strongroom-sim",
                                "--world",
                                world.rest().resolve("world").toString(),
                                "agent",
                                "run",
                                "--config",
                                config.toString()));
    }

    private static void pushSplit(ModelName model, Daemon agent) throws Exception {
        Path plain = TinyModel.write(world.owner().resolve("split.onnx"), 3);
        world.command(
                        globex.owner(),
                        "model",
                        "push",
                        model.toString(),
                        plain.toString(),
                        "--split",
                        agent.field("agent") + "@" + agent.field("grpc"))
                .succeeded();
    }

    private static void requireAnswer(Tenant tenant, ModelName model, long seed) throws Exception {
        assertThat(answer(tenant, model, seed)).isEqualTo(seed);
    }

    /** True once it is there and answers with these weights. */
    private static boolean isAnswered(Tenant tenant, ModelName model, long seed) throws Exception {
        try {
            return answer(tenant, model, seed) == seed;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            return false;
        }
    }

    private static long answer(Tenant tenant, ModelName model, long seed) throws Exception {
        try (var caller = Caller.of(tenant.consumer(), world.node().field("grpc"))) {
            return TinyQuestion.seedOf(
                    GRPCInferenceServiceGrpc.newBlockingStub(caller.channel())
                            .modelInfer(TinyQuestion.of(model, "")),
                    List.of(seed, 1L));
        }
    }

    private static boolean isOpen(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        try {
            int next = 0;
            while (next >= 0) {
                next = socket.getInputStream().read();
            }
            return false;
        } catch (SocketTimeoutException nothingMore) {
            return true;
        }
    }

    /** Takes connections and never says anything. */
    private static final class SilentAgent implements AutoCloseable {
        private final ServerSocket socket =
                new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final BlockingQueue<Socket> taken = new LinkedBlockingQueue<>();

        SilentAgent() throws IOException {
            Thread.ofPlatform().daemon().start(this::take);
        }

        private void take() {
            try {
                while (!socket.isClosed()) {
                    taken.add(socket.accept());
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        String address() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        /** One that comes from now on. */
        Socket next() throws InterruptedException {
            taken.clear();
            Socket next = taken.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
