package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.RepositoryIndexRequest;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetStandingRequest;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.testkit.ChipPolicy;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Models of two owners who allow each other, in one process; and of owners who do not. */
class TwoOwnersTest {
    private static final Offset<Float> TOLERANCE = Offset.offset(1e-4f);

    private static Deployment world;
    private static Tenant acme;
    private static Tenant globex;
    private static ModelName ofAcme;
    private static ModelName ofGlobex;
    private static int files;

    @BeforeAll
    static void serve() throws Exception {
        world = Deployment.withoutModel();
        acme = world.acme();
        globex = world.newTenant("globex");
        ofAcme = push(acme, "net", 1, globex.ownerId());
        ofGlobex = push(globex, "net", 2, acme.ownerId());
        Path config = config(ofAcme, ofGlobex);
        world.startNodeLaunchedWith(hostData(config), config);
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    private static ModelName push(Tenant tenant, String name, long seed, Digest... coOwners)
            throws Exception {
        ModelName model = tenant.model(name);
        permit(model, coOwners);
        Path plain = world.owner().resolve(tenant.name() + "-" + name + ".onnx");
        world.push(model, TinyModel.write(plain, seed));
        return model;
    }

    private static void permit(ModelName model, Digest... coOwners) throws IOException {
        var draft = ChipPolicy.draft(world.measurement());
        if (coOwners.length > 0) {
            draft.beside(List.of(coOwners));
        }
        world.permit(model, draft.json());
    }

    private static Path config(ModelName... models) throws IOException {
        files++;
        String listed =
                Arrays.stream(models)
                        .map("  - {model: %s}"::formatted)
                        .collect(Collectors.joining("\n"));
        return Files.writeString(
                world.rest().resolve("shared-" + files + ".yaml"),
                """
                vault: %s
                pin: %s
                dataDir: %s
                tenants:
                  - %s
                  - %s
                models:
                %s
                """
                        .formatted(
                                world.vault().field("grpc"),
                                world.pin().hex(),
                                world.nodeData(100 + files),
                                listed(acme),
                                listed(globex),
                                listed));
    }

    private static String listed(Tenant tenant) {
        Path identity = tenant.node();
        return "{tenant: %s, owner: \"%s\", identity: {ca: %s/ca.pem, cert: %s/cert.pem, key: %s/key.pem}}"
                .formatted(tenant.name(), tenant.ownerId(), identity, identity, identity);
    }

    /** As an operator learns it. */
    private static String hostData(Path config) throws Exception {
        return world.sim(
                        "node",
                        "--host-data",
                        acme.ownerId().hex(),
                        "host-data",
                        "--config",
                        config.toString())
                .succeeded()
                .out()
                .strip();
    }

    private static Outcome failing(String hostData, Path config) throws Exception {
        return world.sim("node", "--host-data", hostData, "--config", config.toString());
    }

    @Test
    void eachAnswersItsOwnCallersWhoSeeWhoElseIsThere() throws Exception {
        requireAnswer(ofAcme, 1, globex.ownerId());
        requireAnswer(ofGlobex, 2, acme.ownerId());
    }

    private static void requireAnswer(ModelName model, long seed, Digest coOwner) throws Exception {
        world.serves(model);
        try (InferenceClient client = world.attested()) {
            assertThat(client.proof().attested().transcript().owners().others())
                    .containsExactly(coOwner);
            float[] row = TinyModel.row(3);
            var question = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
            assertThat(client.infer(List.of(question)).getFirst().floats())
                    .containsExactly(TinyModel.expected(row, seed), TOLERANCE);
        }
    }

    @Test
    void aCallerOfOneLearnsNothingOfTheOthersModels() throws Exception {
        List<BiConsumer<ManagedChannel, String>> questions =
                List.of(
                        (node, name) ->
                                GRPCInferenceServiceGrpc.newBlockingStub(node)
                                        .modelInfer(
                                                ModelInferRequest.newBuilder()
                                                        .setModelName(name)
                                                        .build()),
                        (node, name) ->
                                GRPCInferenceServiceGrpc.newBlockingStub(node)
                                        .modelMetadata(
                                                ModelMetadataRequest.newBuilder()
                                                        .setName(name)
                                                        .build()),
                        (node, name) ->
                                NodeEvidenceGrpc.newBlockingStub(node)
                                        .getEvidence(
                                                GetEvidenceRequest.newBuilder()
                                                        .setModel(name)
                                                        .setNonce(ByteString.copyFrom(new byte[32]))
                                                        .build()),
                        (node, name) ->
                                NodeEvidenceGrpc.newBlockingStub(node)
                                        .getStanding(
                                                GetStandingRequest.newBuilder()
                                                        .setModel(name)
                                                        .build()));
        try (var caller = Caller.of(acme.consumer(), world.node().field("grpc"))) {
            for (var question : questions) {
                Status theirs = refusal(caller, question, ofGlobex.toString());
                Status none = refusal(caller, question, "globex/none");
                assertThat(theirs.getCode()).isEqualTo(Status.Code.NOT_FOUND);
                assertThat(theirs.getDescription())
                        .isEqualTo(
                                String.valueOf(none.getDescription())
                                        .replace("globex/none", ofGlobex.toString()))
                        .contains(ofAcme.toString());
            }
            assertThat(
                            GRPCInferenceServiceGrpc.newBlockingStub(caller.channel())
                                    .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                                    .getModelsList())
                    .allMatch(model -> model.getName().equals(ofAcme.toString()))
                    .hasSize(1);
        }
    }

    private static Status refusal(
            Caller caller, BiConsumer<ManagedChannel, String> question, String name) {
        return catchThrowableOfType(
                        StatusRuntimeException.class, () -> question.accept(caller.channel(), name))
                .getStatus();
    }

    @Test
    void anOwnerWhoDoesNotNameTheOtherIsNotServedBesideHim() throws Exception {
        ModelName silent = push(globex, "silent", 3);
        Path config = config(ofAcme, silent);
        Outcome refused = failing(hostData(config), config);
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err()).contains("policy.co-owners of " + silent, acme.ownerId().hex());
    }

    @Test
    void aMachineOfOneOwnerServesNoOther() throws Exception {
        Path config = config(ofAcme, ofGlobex);
        Outcome alone = failing(acme.ownerId().hex(), config);
        assertThat(alone.exit()).isEqualTo(4);
        assertThat(alone.err()).contains("launched with host data " + acme.ownerId());
        var stranger = NodeOwners.among(acme.ownerId(), Set.of(globex.ownerId(), Digest.sha256()));
        assertThat(failing(stranger.hostData().hex(), config).err())
                .contains("launched with host data " + stranger.hostData());
    }

    @Test
    void theLogSaysWhoWasBesideWhom() throws Exception {
        Outcome log = world.command(world.auditor(), "audit", "list", "-o", "json");
        assertThat(log.succeeded().out()).contains("\"co-owners\"", globex.ownerId().hex());
    }
}
