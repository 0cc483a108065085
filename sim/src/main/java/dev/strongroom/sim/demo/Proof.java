package dev.strongroom.sim.demo;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The second half: what was promised, shown. For one thread. */
final class Proof {
    private static final int RANDOM_INPUTS = 50;
    private static final int MAX_BATCH = 4;
    private static final int MAX_LENGTH = 64;
    private static final double TOLERANCE = 1e-5;
    private static final int WINDOWS = 20_000;
    private static final int INTEGRITY = 5;
    private static final int CALLERS = 2;
    private static final int SHORT = 200; // characters of a command line word

    private final Stage stage;
    private final Terminal terminal;
    private final Workspace workspace;
    private final Scene scene;
    private final TrustAnchors anchors;
    private final PreparedModel reference;

    Proof(Stage stage, Scene scene, TrustAnchors anchors, PreparedModel reference) {
        this.stage = stage;
        this.terminal = stage.terminal();
        this.workspace = stage.workspace();
        this.scene = scene;
        this.anchors = anchors;
        this.reference = reference;
    }

    void sameAnswers() throws Exception {
        terminal.step("Inference: the node proves itself, and answers as a plain local run does");
        try (PlainRun plain = new PlainRun(reference.graph());
                InferenceClient client = scene.client(anchors)) {
            List<Tensor> inputs = plain.randomInputs(new Random(0), 1, 4);
            double worst = difference(plain.run(inputs), throughTheCommand(inputs));
            var random = new Random(1);
            for (int i = 0; i < RANDOM_INPUTS; i++) {
                inputs =
                        plain.randomInputs(
                                random,
                                1 + random.nextInt(MAX_BATCH),
                                1 + random.nextInt(MAX_LENGTH));
                worst =
                        Math.max(
                                worst, Tensors.difference(plain.run(inputs), client.infer(inputs)));
            }
            terminal.say(
                    "That answer and "
                            + RANDOM_INPUTS
                            + " more, of random inputs: at most "
                            + worst
                            + " from a plain run of the same model");
            require(worst <= TOLERANCE, "the enclave's answers are not those of a plain run");
        }
    }

    private JsonNode throughTheCommand(List<Tensor> inputs)
            throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(
                        List.of("infer", scene.model(), "--node", scene.node().field("grpc")));
        for (Tensor input : inputs) {
            String json = Tensors.json(input);
            if (json.length() > SHORT) {
                Path file = workspace.path(input.name() + ".json");
                Files.writeString(file, json);
                json = "@" + file;
            }
            words.add("--input");
            words.add(input.name() + "=" + json);
        }
        words.add("-o");
        words.add("json");
        String output =
                terminal.succeed(
                        stage.as(scene.consumer().toString(), words.toArray(String[]::new)));
        return JsonMapper.shared().readTree(output).path("outputs");
    }

    private static double difference(List<Tensor> expected, JsonNode outputs) {
        double worst = expected.size() == outputs.size() ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < expected.size(); i++) {
            JsonNode data = outputs.path(i).path("data");
            worst = Math.max(worst, Tensors.difference(expected.get(i), data));
        }
        return worst;
    }

    void rotation() throws Exception {
        terminal.step("Rotation: a new key in the token while inference goes on");
        try (PlainRun plain = new PlainRun(reference.graph());
                InferenceClient client = scene.client(anchors)) {
            var loop = new InferenceLoop(client, plain.randomInputs(new Random(3), 1, 8), CALLERS);
            try (loop) {
                require(loop.underWay(), "inference does not get under way");
                terminal.succeed(asOwner("keys", "rotate", "--tenant", Opening.TENANT));
                terminal.succeed(asOwner("keys", "status", "--tenant", Opening.TENANT));
            }
            terminal.say(
                    loop.answered() + " calls answered meanwhile, " + loop.failed() + " failed");
            require(loop.failed() == 0, "calls failed while the key was rotated");
        }
    }

    void tampering() throws Exception {
        terminal.step("One flipped byte of ciphertext in the vault's store");
        Path object = largestFile(workspace.path("vault"));
        long middle = Files.size(object) / 2;
        flip(object, middle);
        terminal.expect(INTEGRITY, asOwner("model", "verify", scene.model()));
        terminal.say("Refused with exit code " + INTEGRITY + "; the byte is put back:");
        flip(object, middle);
        terminal.succeed(asOwner("model", "verify", scene.model()));
    }

    /** Changes every bit of one byte, by a command that a reader can type. */
    private void flip(Path file, long offset) throws IOException, InterruptedException {
        ByteBuffer one = ByteBuffer.allocate(1);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.read(one, offset);
        }
        terminal.succeed(
                "bash",
                "-c",
                "printf '\\x%02x' | dd of=%s bs=1 seek=%d conv=notrunc status=none"
                        .formatted(~one.get(0) & 0xff, file, offset));
    }

    private static Path largestFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow(() -> new DemoFailure(folder + " holds no object"));
        }
    }

    void audit() throws Exception {
        terminal.step("The log: every decision so far, proven");
        String auditor = scene.auditor().toString();
        terminal.succeed(stage.as(auditor, "audit", "list"));
        terminal.succeed(stage.as(auditor, "audit", "verify", "--all"));
    }

    void noPlaintext() throws Exception {
        terminal.step("The hunt: windows of the plain weights, in every file and both processes");
        Needles needles = reference.windows(WINDOWS, new SecureRandom());
        Path file = workspace.path("needles");
        needles.save(file);
        terminal.say(
                needles.count()
                        + " windows of 48 bytes, kept masked in "
                        + file
                        + "; initialisers below 1 KiB are part of the graph and not looked for");
        JsonNode files = hunt(file, "--files", workspace.rest().toString());
        require(files.path("hits").asInt() == 0, "plaintext in a file beside the owner's folder");
        if (!System.getProperty("user.name").equals("root")) {
            terminal.say("Only root can read the memory of the two processes: not looked at");
            return;
        }
        JsonNode vault = hunt(file, "--pid", Long.toString(scene.vault().pid()));
        require(vault.path("hits").asInt() == 0, "plaintext in the vault's memory");
        JsonNode node = hunt(file, "--pid", Long.toString(scene.node().pid()));
        judgeNode(node, needles.count());
    }

    private JsonNode hunt(Path needles, String... where) throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(
                        List.of("./strongroom-sim", "hunt", "--needles", needles.toString()));
        words.addAll(List.of(where));
        words.add("--json");
        Terminal.Result result = terminal.run(words.toArray(String[]::new));
        require(result.exit() == 0, "the hunt could not look at everything");
        JsonNode answer = JsonMapper.shared().readTree(result.output());
        for (JsonNode report : answer.path("reports")) {
            terminal.say(
                    "%s: %d hits in %d MB (%d ms)"
                            .formatted(
                                    report.path("subject").asString(),
                                    report.path("hits").asInt(),
                                    report.path("scannedBytes").asLong() / 1_000_000,
                                    report.path("milliseconds").asLong()));
        }
        return answer;
    }

    /** The node is where the weights belong: once each, and only in pages it protects. */
    private void judgeNode(JsonNode node, int needles) {
        int most = 0;
        int distinct = 0;
        for (JsonNode report : node.path("reports")) {
            most = Math.max(most, report.path("mostCopies").asInt());
            distinct = Math.max(distinct, report.path("distinct").asInt());
            for (JsonNode finding : report.path("findings")) {
                String place = finding.path("place").asString();
                require(
                        finding.path("hits").asInt() == 0 || isProtected(place),
                        "plaintext outside the node's protected memory: " + place);
            }
        }
        terminal.say(
                "The node holds %d of %d windows, each at most %d time(s), in locked undumped pages"
                        .formatted(distinct, needles, most));
        require(most <= 1, "the node holds a second copy of some weights");
        require(distinct > 0, "the hunt does not even find what the node must hold");
    }

    /** Locked ("lo") and left out of dumps ("dd"), by the flags at the end of a mapping's name. */
    private static boolean isProtected(String mapping) {
        String flags = mapping.substring(mapping.lastIndexOf('[') + 1).replace("]", "");
        return List.of(flags.split(" ")).containsAll(List.of("lo", "dd"));
    }

    private String[] asOwner(String... words) {
        return stage.as(workspace.ownerContext(), words);
    }

    private static void require(boolean kept, String otherwise) {
        if (!kept) {
            throw new DemoFailure(otherwise);
        }
    }
}
