package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.testkit.ChipPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What two of three people must agree to, by command line, vault and node of their own processes.
 */
@Tag("nightly")
class ApprovalsTest {
    private Deployment world;
    private ModelName tiny;
    private final Map<String, Path> people = new TreeMap<>();
    private final Map<String, String> keys = new TreeMap<>();

    @BeforeEach
    void makeWorld() throws Exception {
        world = Deployment.withoutModel();
        tiny = world.acme().model("tiny");
        for (String name : List.of("bob", "carol", "dave")) {
            Path context = world.rest().resolve("approver-" + name);
            world.identity("operator", name, context);
            people.put(name, context);
            keys.put(
                    name,
                    world.command(context, "approver", "init", "-o", "json")
                            .succeeded()
                            .field("key_id"));
        }
    }

    @AfterEach
    void removeWorld() throws Exception {
        world.close();
    }

    @Test
    void aNodeServesOnceAPolicysApproversAgreed() throws Exception {
        Path rules = Files.createTempFile(world.rest(), "policy", ".json");
        Files.writeString(
                rules,
                ChipPolicy.draft(world.measurement())
                        .json()
                        .replaceFirst(
                                "}\\s*$",
                                """
                                , "approvals": {"threshold": 2, "approvers": ["%s", "%s", "%s"]}}
                                """)
                        .formatted(keys.get("bob"), keys.get("carol"), keys.get("dave")));
        assertThat(setPolicy(rules, "--dry-run").path("state").asString())
                .isEqualTo("would-need-approval");
        assertThat(list()).isEmpty();
        JsonNode awaiting = setPolicy(rules);
        assertThat(awaiting.path("state").asString()).isEqualTo("awaiting-approval");
        String id = awaiting.path("approval").asString();

        assertThat(
                        as("bob", "approve", id, "--document", digest(id), "--dry-run")
                                .succeeded()
                                .json()
                                .path("approved")
                                .asBoolean())
                .isFalse();
        assertThat(as("bob", "approve", id, "--document", "0".repeat(64)).exit())
                .as("another document than he read")
                .isEqualTo(5);
        approve("bob", id).succeeded();
        assertThat(approve("bob", id).exit()).as("the same once more").isEqualTo(6);
        assertThat(setApproved(id).exit()).as("one too few").isEqualTo(6);
        JsonNode shown = as("carol", "show", id).succeeded().json();
        assertThat(shown.path("document").path("body").asString())
                .isEqualTo(Files.readString(rules));
        assertThat(shown.path("approvers")).hasSize(1);
        approve("carol", id).succeeded();
        assertThat(
                        setApproved(id)
                                .succeeded()
                                .json()
                                .path("policies")
                                .get(0)
                                .path("state")
                                .asString())
                .isEqualTo("in-force");
        assertThat(setApproved(id).exit()).as("used once").isEqualTo(6);

        Path plain = TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED);
        world.push(tiny, plain);
        world.serves(tiny);
        world.startNode(tiny, Launch.plain());
        float[] row = TinyModel.row(3);
        try (InferenceClient client = world.attested()) {
            assertThat(
                            client.infer(
                                    List.of(
                                            Tensor.ofFloats(
                                                    "x", List.of(1L, (long) TinyModel.SIDE), row))))
                    .isNotEmpty();
        }
        assertThat(access(world.measurement())).isEqualTo("keeps ");
        assertThat(access("ab".repeat(48))).isEqualTo("loses policy.snp.measurement");
    }

    /** What a policy for this image would do to the node that the log knows. */
    private String access(String measurement) throws Exception {
        Path next = Files.createTempFile(world.rest(), "policy", ".json");
        Files.writeString(next, ChipPolicy.draft(measurement).json());
        JsonNode nodes =
                world.command(
                                world.acme().owner(),
                                "policy",
                                "diff",
                                tiny.toString(),
                                "--release",
                                next.toString(),
                                "-o",
                                "json")
                        .succeeded()
                        .json()
                        .path("nodes");
        assertThat(nodes).hasSize(1);
        JsonNode node = nodes.get(0);
        return node.path("access").asString() + " " + node.path("rule").asString();
    }

    @Test
    void othersThanWhoAskedAgreeToADestructionAndTheLogHasEveryStep() throws Exception {
        world.vault().close();
        world.configureVault(
                """
                approvals:
                  threshold: 2
                  approvers: [{name: bob, key: %s}, {name: carol, key: %s}, {name: dave, key: %s}]
                """
                        .formatted(keys.get("bob"), keys.get("carol"), keys.get("dave")));
        world.startVault(Launch.plain());
        world.command(world.operator(), "keys", "rotate", "--tenant", "acme").succeeded();
        String id = as("bob", "request", "--destroy", "acme/1").succeeded().field("id");
        assertThat(approve("bob", id).exit()).as("his own request").isEqualTo(4);
        approve("carol", id).succeeded();
        as("dave", "reject", id).succeeded();
        assertThat(as("carol", "reject", id).exit()).as("out of reach since").isEqualTo(6);

        String again = as("carol", "request", "--destroy", "acme/1").succeeded().field("id");
        approve("bob", again).succeeded();
        approve("dave", again).succeeded();
        assertThat(destroy().exit()).as("it has to stay retired for days").isEqualTo(6);
        assertThat(list())
                .singleElement()
                .satisfies(open -> {
                    assertThat(open.path("id").asString()).isEqualTo(again);
                    assertThat(open.path("approvals").asInt())
                            .as("and none is used up")
                            .isEqualTo(2);
                });
        List<String> types = new ArrayList<>();
        world.command(world.auditor(), "audit", "list", "-o", "json")
                .succeeded()
                .json()
                .path("leaves")
                .forEach(leaf -> types.add(leaf.path("type").asString()));
        assertThat(types)
                .containsSubsequence(
                        "approvers.changed",
                        "approval.requested",
                        "approval.given",
                        "approval.rejected",
                        "approval.requested",
                        "approval.given",
                        "approval.given");
    }

    private Outcome destroy() {
        return world.command(
                world.operator(), "keys", "destroy", "acme/1", "--confirm", "acme/1", "-o", "json");
    }

    private Outcome approve(String person, String id) {
        return as(person, "approve", id, "--document", digest(id));
    }

    private String digest(String id) {
        return as("carol", "show", id).succeeded().field("document_digest");
    }

    private Outcome as(String person, String... words) {
        List<String> all = new ArrayList<>(List.of("approvals"));
        all.addAll(List.of(words));
        all.addAll(List.of("-o", "json"));
        return world.command(
                Objects.requireNonNull(people.get(person)), all.toArray(String[]::new));
    }

    private JsonNode list() {
        return world.command(world.operator(), "approvals", "list", "-o", "json")
                .succeeded()
                .json()
                .path("approvals");
    }

    /** The release policy's line of the answer. */
    private JsonNode setPolicy(Path rules, String... more) {
        List<String> words =
                new ArrayList<>(
                        List.of("policy", "set", tiny.toString(), "--release", rules.toString()));
        words.addAll(List.of(more));
        words.addAll(List.of("-o", "json"));
        return world.command(world.acme().owner(), words.toArray(String[]::new))
                .succeeded()
                .json()
                .path("policies")
                .get(0);
    }

    private Outcome setApproved(String id) {
        return world.command(
                world.acme().owner(),
                "policy",
                "set",
                tiny.toString(),
                "--approved",
                id,
                "-o",
                "json");
    }
}
