package dev.strongroom.vault.decoy;

import dev.strongroom.vault.access.Visitor;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A touch as a line of JSON whose fields are those of an OCSF detection finding. */
final class AlarmEvent {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int DETECTION_FINDING = 2004;
    private static final int FINDINGS = 2;
    private static final int CREATED = 1;
    private static final int CRITICAL = 5;
    private static final int BLOCKED = 2;
    private static final int LOW = 1; // of the confidence: a node's word
    private static final int HIGH = 3;

    private AlarmEvent() {}

    static String line(Touch touch, Instant at) {
        Visitor visitor = touch.visitor();
        Decoy decoy = touch.decoy();
        var event = new LinkedHashMap<String, Object>();
        event.put("class_uid", DETECTION_FINDING);
        event.put("category_uid", FINDINGS);
        event.put("activity_id", CREATED);
        event.put("type_uid", 100 * DETECTION_FINDING + CREATED);
        event.put("severity_id", CRITICAL);
        event.put("confidence_id", touch.word() == Touch.Word.OWN ? HIGH : LOW);
        event.put("time", at.toEpochMilli());
        event.put("action_id", BLOCKED);
        event.put("metadata", Map.of("version", "1.3.0", "product", Map.of("name", "Strongroom")));
        event.put(
                "finding_info",
                Map.of("uid", decoy.id(), "title", "decoy.touched", "types", List.of("decoy")));
        event.put(
                "actor",
                Map.of(
                        "user",
                        Map.of(
                                "name",
                                visitor.principal().uri(),
                                "credential_uid",
                                visitor.key().hex())));
        event.put("src_endpoint", Map.of("ip", visitor.source()));
        event.put("api", Map.of("operation", visitor.method()));
        event.put(
                "resources",
                List.of(Map.of("type", decoy.kind().label(), "name", decoy.subject())));
        return JSON.writeValueAsString(event);
    }
}
