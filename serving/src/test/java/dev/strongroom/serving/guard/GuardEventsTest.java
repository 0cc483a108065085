package dev.strongroom.serving.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.Standing;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.PublicModel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Verdicts as who reads them with tools for OCSF's class 2004 sees them. */
class GuardEventsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant NOW = Instant.parse("2026-11-23T04:00:00Z");
    private static final Caller EVE =
            new Caller("acme", "consumer", "eve", "aa", "bb", "labs", "192.0.2.1", 7);

    private record Model() implements PublicModel {
        @Override
        public String name() {
            return "acme/net";
        }

        @Override
        public String version() {
            return "3";
        }

        @Override
        public List<TensorSignature> inputs() {
            return List.of();
        }

        @Override
        public List<TensorSignature> outputs() {
            return List.of();
        }
    }

    private final List<String> said = new ArrayList<>();
    private final GuardEvents events = new GuardEvents(said::add, () -> NOW);

    private JsonNode only() {
        assertThat(said).hasSize(1);
        return JSON.readTree(said.getFirst());
    }

    @Test
    void aVerdictIsAWholeFinding() throws Exception {
        var accounts = new Accounts(1, 1);
        accounts.merge(List.of(new Standing(EVE.number(), 1e7, Rung.CONTRACT, (char) 0, 320)));
        accounts.use(
                EVE.number(),
                account -> {
                    account.climb(OutputPolicy.standard().ladder());
                    events.moved(EVE, new Model(), account);
                    return account;
                });
        assertThat(only())
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"class_uid": 2004, "category_uid": 2, "activity_id": 1,
                                 "type_uid": 200401, "severity_id": 4, "time": %d, "action_id": 1,
                                 "metadata": {"version": "1.3.0", "product": {"name": "Strongroom"}},
                                 "finding_info": {"uid": "%s", "title": "guard.challenge",
                                                  "types": ["challenge"]},
                                 "actor": {"user": {"name": "acme/consumer/eve",
                                                    "groups": [{"name": "labs"}]},
                                           "session": {"uid": 7}},
                                 "src_endpoint": {"ip": "192.0.2.1"},
                                 "resources": [{"type": "model", "name": "acme/net"}],
                                 "unmapped": {"rung": "LABEL", "log10_evidence": 7.0,
                                              "bits_told": 320.0}}
                                """
                                        .formatted(
                                                NOW.toEpochMilli(), Limits.ticket(EVE.number()))));
    }

    @Test
    void aRefusalIsSaidOnceInAWhile() {
        events.refused(EVE, new Model(), EVE.number(), "RATE_LIMITED");
        events.refused(EVE, new Model(), EVE.number(), "RATE_LIMITED");
        JsonNode event = only();
        assertThat(event.path("action_id").asInt()).isEqualTo(2);
        assertThat(event.path("finding_info").path("title").asString()).isEqualTo("guard.throttle");
        assertThat(event.path("unmapped").path("reason").asString()).isEqualTo("RATE_LIMITED");
    }
}
