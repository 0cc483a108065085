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
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
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
    private static SharedNode node;

    @BeforeAll
    static void serve() throws Exception {
        world = Deployment.withoutModel();
        acme = world.acme();
        globex = world.newTenant("globex");
        node = new SharedNode(world, List.of(acme, globex));
        ofAcme = node.push(acme, "net", 1, globex.ownerId());
        ofGlobex = node.push(globex, "net", 2, acme.ownerId());
        Path config = node.config("shared", ofAcme, ofGlobex);
        world.startNodeLaunchedWith(node.hostData(config), config);
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
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
        ModelName silent = node.push(globex, "silent", 3);
        Path config = node.config("silent", silent);
        Outcome refused = failing(node.hostData(config), config);
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err()).contains("policy.co-owners of " + silent, acme.ownerId().hex());
    }

    @Test
    void aMachineOfOneOwnerServesNoOther() throws Exception {
        Path config = node.config("foreign", ofAcme, ofGlobex);
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
