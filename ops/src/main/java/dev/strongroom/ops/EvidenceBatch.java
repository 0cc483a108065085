package dev.strongroom.ops;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** Answers many requests in one process: one JSON line each, in their order. */
final class EvidenceBatch {
    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final Set<String> FIELDS = Set.of("file", "type", "endorsements", "at");

    private final Session session;
    private final EvidenceCheck check;

    EvidenceBatch(Session session, EvidenceCheck check) {
        this.session = session;
        this.check = check;
    }

    int run(Path list) throws IOException {
        var json = JsonMapper.builder().build();
        try (var lines = Files.newBufferedReader(list, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    session.console().out().println(json.writeValueAsString(answer(line)));
                }
            }
        }
        session.console().out().flush();
        return ExitCode.OK.number();
    }

    private SequencedMap<String, Object> answer(String line) {
        try {
            Map<?, ?> request = request(line);
            Path file = Path.of(text(request, "file"));
            return EvidenceCheck.answer(
                            check.of(
                                    file,
                                    request.containsKey("type")
                                            ? EvidenceFile.Type.of(text(request, "type"))
                                            : null,
                                    folders(request),
                                    request.containsKey("at")
                                            ? EvidenceVerify.instant(text(request, "at"))
                                            : now()))
                    .with("file", file.toString())
                    .row();
        } catch (ClientException | IOException | MalformedEncodingException e) {
            return Answer.with("verdict", "refused")
                    .with("rule", "request")
                    .with("reason", String.valueOf(e.getMessage()))
                    .with("tcbStatus", "")
                    .with("claims", Map.of())
                    .row();
        }
    }

    private Instant now() {
        return session.clock().instant();
    }

    private static Map<?, ?> request(String line)
            throws ClientException, MalformedEncodingException {
        Object parsed =
                Json.parse("request", line.getBytes(StandardCharsets.UTF_8), MAX_LINE_BYTES);
        if (parsed instanceof Map<?, ?> request && FIELDS.containsAll(request.keySet())) {
            return request;
        }
        throw malformed();
    }

    private static String text(Map<?, ?> request, String field) throws ClientException {
        if (request.get(field) instanceof String text) {
            return text;
        }
        throw malformed();
    }

    private static List<Path> folders(Map<?, ?> request) throws ClientException {
        if (!request.containsKey("endorsements")) {
            return List.of();
        }
        var folders = new ArrayList<Path>();
        if (!(request.get("endorsements") instanceof List<?> names)) {
            throw malformed();
        }
        for (Object name : names) {
            if (!(name instanceof String text)) {
                throw malformed();
            }
            folders.add(Path.of(text));
        }
        return List.copyOf(folders);
    }

    private static ClientException malformed() {
        return ClientException.local(
                "request: expected an object with file, and type, endorsements, at as needed",
                "{\"file\":\"report.bin\",\"type\":\"snp\",\"endorsements\":[\"certs\"]}");
    }
}
