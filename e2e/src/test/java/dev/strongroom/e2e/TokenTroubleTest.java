package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.PushRequest;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * The vault's process when its token is not what it should be: at the start it says so and ends, in
 * the middle it says so and waits for its own token; it makes no key. The token's storage is looked
 * at from outside, before and after.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("nightly")
class TokenTroubleTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2); // a pause is one at most
    private static final String TOKEN_FILE = "token.object"; // label, PIN and flags, no key

    private Deployment world;
    private Path tokens;
    private Path away;

    @BeforeAll
    void makeWorld() throws Exception {
        world = Deployment.withoutModel();
        tokens = world.tokenFolder().resolve("tokens");
        away = world.tokenFolder().resolve("tokens-away");
        var model = world.acme().model("tiny");
        world.permit(model);
        Path plain = TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED);
        world.push(model, plain, PushRequest.Preparing.NEVER);
    }

    @AfterAll
    void removeWorld() throws Exception {
        world.close();
    }

    @BeforeEach
    void stopVault() throws Exception {
        world.vault().kill();
    }

    private Outcome runVault() throws Exception {
        return world.sim("vault", "run", "--config", world.vaultConfig().toString());
    }

    private void servesAgain() throws Exception {
        world.startVault(Launch.plain());
        new ReleaseProbe(world, world.acme()).open(world.acme().model("tiny"), 1);
    }

    /** Every key of every token, by file; SoftHSM2 has a file for each object. */
    private static Map<String, Digest> keys(Path tokens) throws IOException {
        var keys = new TreeMap<String, Digest>();
        try (Stream<Path> files = Files.walk(tokens)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".object")).toList()) {
                if (!file.endsWith(TOKEN_FILE)) {
                    String name = tokens.relativize(file).toString();
                    keys.put(name, Digest.sha256(Files.readAllBytes(file)));
                }
            }
        }
        return keys;
    }

    /**
     * Into any of the tokens that are there. SoftHSM2 writes a token's file at each login, good or
     * bad, and counts the writes in its head.
     */
    private static long logins(Path tokens) throws IOException {
        long logins = 0;
        try (Stream<Path> files = Files.walk(tokens)) {
            for (Path file : files.filter(f -> f.endsWith(TOKEN_FILE)).toList()) {
                logins += ByteBuffer.wrap(Files.readAllBytes(file)).getLong();
            }
        }
        return logins;
    }

    private SoftHsm anotherTokenWithTheSameLabel(String folder) {
        String label = world.token().path("label").asString();
        return SoftHsm.create(world.tokenFolder().resolve(folder), label);
    }

    @Test
    void aWrongPinIsTriedOnce() throws Exception {
        Map<String, Digest> before = keys(tokens);
        long logins = logins(tokens);
        String pin = Files.readString(world.pinFile());
        Files.writeString(world.pinFile(), "not the pin");
        try {
            Outcome refused = runVault();
            assertThat(refused.exit()).isEqualTo(4);
            assertThat(refused.err()).contains("refused the PIN", "correct the PIN file");
            assertThat(refused.err()).doesNotContain("not the pin");
            assertThat(logins(tokens)).isEqualTo(logins + 1);
        } finally {
            Files.writeString(world.pinFile(), pin);
        }
        assertThat(keys(tokens)).isEqualTo(before);
        servesAgain();
    }

    @Test
    void aMissingAnEmptyAndAnotherTokenAreRefused() throws Exception {
        Map<String, Digest> before = keys(tokens);
        SoftHsm other = anotherTokenWithTheSameLabel("other");
        Files.move(tokens, away);
        try {
            Outcome gone = runVault();
            assertThat(gone.exit()).isEqualTo(3);
            assertThat(gone.err()).contains("error: token: ");
            Files.createDirectories(tokens);
            Outcome empty = runVault();
            assertThat(empty.exit()).isEqualTo(3);
            assertThat(empty.err()).contains("no token is labelled");
            assertThat(keys(tokens)).isEmpty();
            Path strange = tokens.resolve(other.folder().getFileName());
            Files.move(other.folder(), strange);
            long logins = logins(tokens);
            Outcome exchanged = runVault();
            assertThat(exchanged.exit()).isEqualTo(5);
            assertThat(exchanged.err()).contains("another token", "restore the original");
            assertThat(keys(tokens)).as("keys made in another token").isEmpty();
            assertThat(logins(tokens)).as("the PIN is not shown to it").isEqualTo(logins);
            Files.move(strange, away.resolve(strange.getFileName()));
        } finally {
            restore();
        }
        assertThat(keys(tokens)).isEqualTo(before);
        servesAgain(); // beside the other token, which has the same label
    }

    private void restore() throws IOException {
        if (Files.exists(away)) {
            try (Stream<Path> left = Files.exists(tokens) ? Files.list(tokens) : Stream.empty()) {
                for (Path path : left.toList()) {
                    Files.move(path, world.tokenFolder().resolve(path.getFileName()));
                }
            }
            Files.deleteIfExists(tokens);
            Files.move(away, tokens);
        }
    }

    @Test
    void aRotationWithoutTheTokenMakesNoKey() throws Exception {
        world.startVault(Launch.plain());
        Map<String, Digest> before = keys(tokens);
        int keks = keks().size();
        SoftHsm other = anotherTokenWithTheSameLabel("stranger");
        Files.move(tokens, away);
        try {
            assertThat(awaitHealth(503)).contains("\"token\":\"down\"");
            assertThat(rotate().exit()).as("the token is gone").isIn(2, 5);
            Files.createDirectories(tokens);
            Files.move(other.folder(), tokens.resolve(other.folder().getFileName()));
            Outcome refused = rotate();
            assertThat(refused.exit()).as("another token is in its place").isIn(2, 5);
            assertThat(refused.err()).contains("the token");
            assertThat(keys(tokens)).isEmpty();
            assertThat(keys(away)).isEqualTo(before);
        } finally {
            restore();
        }
        awaitHealth(200);
        rotate().succeeded();
        JsonNode after = keks();
        assertThat(after.size()).isEqualTo(keks + 1);
        assertThat(after.get(keks).path("state").asString()).isEqualTo("active");
        assertThat(keys(tokens)).as("a key and the old one's mark").hasSize(before.size() + 2);
        new ReleaseProbe(world, world.acme()).open(world.acme().model("tiny"), 1);
    }

    /** By itself: nobody tells the vault that its token went or came. */
    private String awaitHealth(int status) throws Exception {
        var health =
                HttpRequest.newBuilder(
                                URI.create("http://" + world.vault().field("http") + "/healthz"))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Eventually.first(
                            PATIENCE,
                            () -> http.send(health, HttpResponse.BodyHandlers.ofString()),
                            answer -> answer.statusCode() == status)
                    .body();
        }
    }

    private Outcome rotate() {
        return world.command(
                world.acme().owner(), "keys", "rotate", "--tenant", "acme", "-o", "json");
    }

    private JsonNode keks() {
        return world.command(
                        world.acme().owner(), "keys", "status", "--tenant", "acme", "-o", "json")
                .succeeded()
                .json()
                .path("keks");
    }
}
