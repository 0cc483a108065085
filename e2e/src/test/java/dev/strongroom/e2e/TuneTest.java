package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A node's process finds how the sealed model is best run, and tells times and nothing else. */
@ExtendWith(SharedDeployment.class)
class TuneTest {
    @Test
    void findsHowTheSealedModelIsBestRunAndCountsItsInferences(Deployment world) throws Exception {
        Outcome outcome =
                world.tune(world.model(), "--callers", "1,4", "--seconds", "2", "-o", "json")
                        .succeeded();

        JsonNode found = outcome.json();
        assertThat(found.path("model").asString()).isEqualTo(world.model().toString());
        assertThat(found.path("batches").asBoolean()).isTrue();
        assertThat(found.path("best").path("threads").asInt()).isEqualTo(1);
        assertThat(found.path("best").path("atOnce").asInt()).isPositive();
        List<Integer> callers =
                StreamSupport.stream(found.path("rows").spliterator(), false)
                        .map(row -> row.path("callers").asInt())
                        .distinct()
                        .toList();
        assertThat(callers).containsExactlyInAnyOrder(1, 4);
        assertThat(found.path("inferences").asLong()).isPositive();
        assertThat(outcome.err()).contains("SIMULATED TEE");

        Outcome log = world.command(world.auditor(), "audit", "list", "-o", "json");
        JsonNode wiped = lastWord(log.succeeded().json(), found.path("leaf").asString());
        assertThat(wiped.path("inferences").asString())
                .as("what the vault was told of the lease's count")
                .isEqualTo(found.path("inferences").asString());
    }

    /** What the node said at the end of a lease. */
    private static JsonNode lastWord(JsonNode log, String release) {
        return StreamSupport.stream(log.path("leaves").spliterator(), false)
                .filter(leaf -> leaf.path("type").asString().equals("node.zeroised"))
                .map(leaf -> leaf.path("fields"))
                .filter(fields -> fields.path("release").asString().equals(release))
                .findFirst()
                .orElseThrow();
    }
}
