package dev.strongroom.redteam;

import ai.onnxruntime.OrtException;
import dev.strongroom.serving.guard.shape.Rung;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code ./strongroom redteam node}: an honest client and thieves ask a running node through its
 * public interface, each under a certificate of its own. The owner's plain model says what the
 * answers should be.
 */
final class NodeHeist {
    private static final String USAGE =
            """
            usage: strongroom redteam node --address HOST:PORT --model TENANT/NAME --victim FILE.onnx
                       --honest ROWS.npy --foreign ROWS.npy --client CONTEXT --thieves CONTEXT,...
                       [--attempts N] [--seed N] [--json OUT]
            CONTEXT is a folder with ca.pem, cert.pem and key.pem. The victim is the plain model of the
            node; honest rows must not be those that its calibration was made from.\\
            """;
    private static final Set<String> NEEDED =
            Set.of(
                    "--address",
                    "--model",
                    "--victim",
                    "--honest",
                    "--foreign",
                    "--client",
                    "--thieves");
    private static final Set<String> OPTIONAL = Set.of("--attempts", "--seed", "--json");
    private static final int TEST_ROWS = 1000;
    private static final int USED_WRONGLY = 2;

    private final Map<String, String> given;
    private final OnnxVictim victim;
    private final long seed;
    private final int attempts;
    private final List<float[]> honest;
    private final List<float[]> test;
    private final List<float[]> foreign;

    private NodeHeist(Map<String, String> given, OnnxVictim victim) throws IOException {
        this.given = given;
        this.victim = victim;
        this.seed = Long.parseLong(given.getOrDefault("--seed", "1"));
        this.attempts = Integer.parseInt(given.getOrDefault("--attempts", "1000"));
        List<float[]> rows = Npy.rows(Path.of(required("--honest")));
        int tested = Math.min(TEST_ROWS, rows.size() / 2);
        this.test = rows.subList(0, tested);
        this.honest = rows.subList(tested, rows.size());
        this.foreign = Npy.rows(Path.of(required("--foreign")));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err)
            throws IOException, OrtException {
        Map<String, String> given = new HashMap<>();
        for (int at = 1; at + 1 < arguments.length; at += 2) {
            given.put(arguments[at], arguments[at + 1]);
        }
        boolean known =
                given.keySet().stream().allMatch(w -> NEEDED.contains(w) || OPTIONAL.contains(w));
        if (arguments.length % 2 == 0 || !known || !given.keySet().containsAll(NEEDED)) {
            err.println(USAGE);
            return USED_WRONGLY;
        }
        try (var victim = new OnnxVictim(Path.of(given.get("--victim")))) {
            Map<String, Object> report = new NodeHeist(given, victim).measure();
            String json = JsonMapper.shared().writeValueAsString(report);
            out.println(json);
            if (given.containsKey("--json")) {
                Files.writeString(Path.of(given.get("--json")), json + "\n");
            }
            return 0;
        }
    }

    private Map<String, Object> measure() throws IOException {
        var report = new LinkedHashMap<String, Object>();
        report.put("honest", honestClient());
        List<Map<String, Object>> thieves = new ArrayList<>();
        for (String context : required("--thieves").split(",", -1)) {
            thieves.add(thief(context, thieves.size()));
        }
        report.put("thieves", thieves);
        return report;
    }

    /** Asks what the calibration expects, once each. */
    private Map<String, Object> honestClient() throws IOException {
        int answered = 0;
        int changed = 0;
        int exact = 0;
        try (NodeApi node = node(required("--client"))) {
            var client = new Pool(honest, new Random(seed));
            for (int query = 0; query < Math.min(attempts, honest.size()); query++) {
                float[] row = client.next();
                Optional<float[]> reply = node.ask(0, row);
                if (reply.isPresent()) {
                    float[] truth = victim.answer(row).probabilities();
                    answered++;
                    changed += Vectors.best(reply.get()) == Vectors.best(truth) ? 0 : 1;
                    exact += near(reply.get(), truth) ? 1 : 0;
                }
            }
        }
        var figures = new LinkedHashMap<String, Object>();
        figures.put("asked", Math.min(attempts, honest.size()));
        figures.put("answered", answered);
        figures.put("answeredInFull", exact);
        figures.put("bestClassChanged", changed);
        return figures;
    }

    private Map<String, Object> thief(String context, int number) throws IOException {
        var theft = new Theft();
        long thiefSeed = seed * 1009 + number;
        try (NodeApi node = node(context)) {
            theft.run(new Pool(foreign, new Random(thiefSeed)), node, 0, attempts);
        }
        var figures = new LinkedHashMap<String, Object>();
        figures.put("bareLabelsFrom", Quantiles.shown(firstBareLabel(theft)));
        figures.put("attempts", attempts);
        figures.put("answered", theft.answered());
        figures.put("fidelity", theft.fidelity(victim, World.HIDDEN, test, thiefSeed));
        var open = new Theft();
        open.run(new Pool(foreign, new Random(thiefSeed)), Api.open(victim), 0, attempts);
        figures.put("fidelityWithoutGuard", open.fidelity(victim, World.HIDDEN, test, thiefSeed));
        return figures;
    }

    /** The first answer that can only be a bare label: two digits would show a second class. */
    private int firstBareLabel(Theft theft) {
        var coarse = Shaping.under(Policy.RULES, new Random(seed));
        for (int query = 0; query < theft.answered(); query++) {
            float[] reply = theft.replies().get(query);
            float[] rounded =
                    coarse.on(Rung.COARSE, victim.answer(theft.rows().get(query)).probabilities());
            if (isBare(reply) && !isBare(rounded)) {
                return query + 1;
            }
        }
        return Integer.MAX_VALUE;
    }

    private static boolean isBare(float[] reply) {
        return Arrays.equals(reply, Vectors.oneHot(Vectors.best(reply), reply.length));
    }

    private static boolean near(float[] reply, float[] truth) {
        for (int at = 0; at < truth.length; at++) {
            if (Math.abs(reply[at] - truth[at]) > 1e-4f) {
                return false;
            }
        }
        return true;
    }

    private NodeApi node(String context) throws IOException {
        return new NodeApi(
                required("--address"),
                Path.of(context),
                required("--model"),
                victim.input(),
                victim.shape());
    }

    private String required(String word) {
        String value = given.get(word);
        if (value == null) {
            throw new IllegalArgumentException(word + " is missing");
        }
        return value;
    }
}
