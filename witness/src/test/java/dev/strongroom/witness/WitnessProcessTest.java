package dev.strongroom.witness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.transparency.NoteSignature;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessKey;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A witness as its operator and a vault see it: commands, HTTP and sudden ends. */
class WitnessProcessTest {
    @TempDir private Path folder;
    private TestLog log;
    private Path config;
    private WitnessKey key;

    @BeforeEach
    void init() throws Exception {
        log = TestLog.named("vault.example/log");
        config = folder.resolve("witness.yaml");
        Files.writeString(
                config,
                """
                dataDir: %s
                name: witness.example/w1
                logs: ["%s"]
                """
                        .formatted(folder.resolve("data"), log.key().text()));
        String said = command("init", "--config", config.toString());
        key = WitnessKey.parse(JsonMapper.shared().readTree(said).path("key").asString());
        assertThat(said).containsPattern("\"fingerprint\":\"[0-9a-f]{64}\"");
    }

    @Test
    void speaksTheProtocolOfItsSpecification() throws Exception {
        try (var witness = WitnessProcess.start(Main.class, "run", "--config", config.toString())) {
            requireCosigned(witness.add(log.grow("a").request(0)));

            HttpResponse<String> conflict = witness.add(log.grow("b").request(0));
            assertThat(conflict.statusCode()).isEqualTo(409);
            assertThat(conflict.headers().firstValue("Content-Type")).contains("text/x.tlog.size");
            assertThat(conflict.body()).isEqualTo("1\n");
            requireCosigned(witness.add(log.request(1)));

            TestLog stranger = TestLog.named("other.example/log").grow("a");
            assertThat(witness.add(stranger.request(0)).statusCode()).isEqualTo(404);
            TestLog imposter = TestLog.named("vault.example/log").grow("a");
            assertThat(witness.add(imposter.request(0)).statusCode()).isEqualTo(403);
            assertThat(witness.add(new byte[30_000]).statusCode()).isEqualTo(400);
            TestLog fork = log.twin().grow("x", "y", "z");
            assertThat(witness.add(fork.request(2)).statusCode()).isEqualTo(422);
        }
    }

    @Test
    void killedBetweenRememberingAndSigningItSignsNoOtherHistory() throws Exception {
        TestLog fork = log.grow("a", "b").twin().grow("a", "x");
        try (var parked = WitnessProcess.start(ParkedWitness.class, config.toString())) {
            parked.send(log.request(0));
            assertThat(parked.line()).isEqualTo("remembered");
        }
        try (var witness = WitnessProcess.start(Main.class, "run", "--config", config.toString())) {
            HttpResponse<String> other = witness.add(fork.request(0));
            assertThat(other.statusCode()).isEqualTo(409);
            assertThat(other.body()).isEqualTo("2\n");
            assertThat(witness.add(fork.request(2)).statusCode()).isEqualTo(409);
            assertThat(witness.add(fork.grow("y").request(2)).statusCode()).isEqualTo(422);
            requireCosigned(witness.add(log.request(2))); // the answer that was lost
        }
    }

    @Test
    @Tag("nightly")
    void killedAtAnyMomentItSignsOneHistory() throws Exception {
        var random = new Random(7);
        TestLog fork = log.twin();
        log.grow("a");
        fork.grow("b");
        var signed = new ArrayList<TestLog>();
        for (int round = 0; round < 20; round++) {
            try (var witness =
                    WitnessProcess.start(Main.class, "run", "--config", config.toString())) {
                TestLog first = random.nextBoolean() ? log : fork;
                TestLog second = first == log ? fork : log;
                for (TestLog shown : List.of(first, second, first)) {
                    if (isCosigned(witness, shown.grow("round " + round))) {
                        signed.add(shown);
                    }
                }
                witness.send(first.grow("more").request(Math.min(first.size(), 1)));
                witness.send(second.grow("more").request(Math.min(second.size(), 1)));
            }
        }
        assertThat(signed).isNotEmpty();
        assertThat(signed.stream().distinct()).hasSize(1);
    }

    @Test
    void aSecondProcessStaysOutOfTheFolder() throws Exception {
        try (var _ = WitnessProcess.start(Main.class, "run", "--config", config.toString())) {
            var err = new ByteArrayOutputStream();
            int exit =
                    new WitnessCommand(
                                    System.out, new PrintStream(err, true, StandardCharsets.UTF_8))
                            .run("run", "--config", config.toString());
            assertThat(exit).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("in use by another witness");
        }
    }

    @Test
    void aKeyIsMadeOnce() {
        var err = new ByteArrayOutputStream();
        int exit =
                new WitnessCommand(System.out, new PrintStream(err, true, StandardCharsets.UTF_8))
                        .run("init", "--config", config.toString());
        assertThat(exit).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("a key exists already");
    }

    private boolean isCosigned(WitnessProcess witness, TestLog shown) throws Exception {
        HttpResponse<String> answer = witness.add(shown.request(0));
        if (answer.statusCode() == 409) {
            long size = Long.parseLong(answer.body().strip());
            if (size <= shown.size()) {
                answer = witness.add(shown.request(size));
            }
        }
        return answer.statusCode() == 200;
    }

    private void requireCosigned(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        SignedCheckpoint cosigned =
                log.checkpoint().with(NoteSignature.parse(answer.body().stripTrailing()));
        cosigned.verify(log.key(), new WitnessQuorum(1, List.of(key)));
    }

    private static String command(String... words) throws IOException {
        var out = new ByteArrayOutputStream();
        int exit =
                new WitnessCommand(new PrintStream(out, true, StandardCharsets.UTF_8), System.err)
                        .run(words);
        if (exit != 0) {
            throw new IOException("witness exited with " + exit);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
