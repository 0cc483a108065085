package dev.strongroom.serving.guard;

import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.PublicModel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Verdicts as lines of JSON whose fields are those of an OCSF detection finding. Who, which model,
 * which verdict; never anything of a question or an answer.
 *
 * <p>Thread-safe.
 */
public final class GuardEvents {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration AGAIN = Duration.ofSeconds(10); // of the same verdict on the same
    private static final int MOST_REMEMBERED = 10_000;
    private static final int DETECTION_FINDING = 2004;
    private static final int FINDINGS = 2;
    private static final int CREATED = 1;
    private static final int BLOCKED = 2;
    private static final int ALLOWED = 1;

    private final Consumer<String> sink;
    private final InstantSource clock;
    private final Map<String, Long> said =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };

    /** OCSF's severities, of which these are used. */
    enum Severity {
        LOW(2),
        MEDIUM(3),
        HIGH(4);

        private final int id;

        Severity(int id) {
            this.id = id;
        }
    }

    /**
     * @param sink takes a line and does not block
     */
    public GuardEvents(Consumer<String> sink, InstantSource clock) {
        this.sink = sink;
        this.clock = clock;
    }

    /** A call was refused; said once in a while of the same caller and reason. */
    void refused(Caller caller, PublicModel model, long id, String reason) {
        if (saidLately(caller, reason)) {
            return;
        }
        String step = reason.equals("SUSPENDED") ? "suspend" : "throttle";
        say(caller, model.name(), id, step, Severity.LOW, Map.of("reason", reason), BLOCKED);
    }

    private boolean saidLately(Caller caller, String what) {
        long now = clock.millis();
        synchronized (said) {
            Long before = said.get(caller.identity() + ' ' + what);
            if (before != null && now - before < AGAIN.toMillis()) {
                return true;
            }
            said.put(caller.identity() + ' ' + what, now);
            return false;
        }
    }

    /** A caller was answered by an order from the vault; said once in a while. */
    void ordered(Caller caller, PublicModel model, long id, Step step) {
        if (!saidLately(caller, step.name())) {
            say(
                    caller,
                    model.name(),
                    id,
                    step.label(),
                    Severity.MEDIUM,
                    Map.of("reason", "ORDERED"),
                    ALLOWED);
        }
    }

    /** Evidence moved a caller to a rung. */
    void moved(Caller caller, PublicModel model, Account account) {
        Rung rung = account.rung();
        String step =
                switch (rung) {
                    case CONTRACT -> "relieve";
                    case COARSE, TOP1 -> "degrade";
                    case LABEL -> "challenge";
                };
        Severity severity =
                switch (rung) {
                    case CONTRACT, COARSE -> Severity.LOW;
                    case TOP1 -> Severity.MEDIUM;
                    case LABEL -> Severity.HIGH;
                };
        say(
                caller,
                model.name(),
                account.id(),
                step,
                severity,
                Map.of(
                        "rung",
                        rung.name(),
                        "log10_evidence",
                        Math.log10(Math.max(account.evidence(), 1e-300)),
                        "bits_told",
                        account.ledger().bits()),
                ALLOWED);
    }

    private void say(
            Caller caller,
            String model,
            long id,
            String step,
            Severity severity,
            Map<String, Object> more,
            int action) {
        var event = new LinkedHashMap<String, Object>();
        event.put("class_uid", DETECTION_FINDING);
        event.put("category_uid", FINDINGS);
        event.put("activity_id", CREATED);
        event.put("type_uid", 100 * DETECTION_FINDING + CREATED);
        event.put("severity_id", severity.id);
        event.put("time", clock.millis());
        event.put("action_id", action);
        event.put("metadata", Map.of("version", "1.3.0", "product", Map.of("name", "Strongroom")));
        event.put(
                "finding_info",
                Map.of("uid", Limits.ticket(id), "title", "guard." + step, "types", List.of(step)));
        event.put(
                "actor",
                Map.of(
                        "user",
                        Map.of(
                                "name",
                                caller.identity(),
                                "groups",
                                List.of(Map.of("name", caller.group()))),
                        "session",
                        Map.of("uid", caller.connection())));
        event.put("src_endpoint", Map.of("ip", caller.source()));
        event.put("resources", List.of(Map.of("type", "model", "name", model)));
        event.put("unmapped", more);
        sink.accept(JSON.writeValueAsString(event));
    }
}
