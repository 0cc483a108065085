package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A ceremony from the command line, rehearsed on SoftHSM2. */
class KeysCeremonyTest {
    private final SoftHsm token = SoftHsm.inThisProcess();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir private Path dir;
    private Path recipient;

    @BeforeEach
    void makeRecipient() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        recipient = dir.resolve("node.der");
        Files.write(recipient, generator.generateKeyPair().getPublic().getEncoded());
    }

    @Test
    void printsATranscriptAndSaysThatItWasARehearsal() {
        assertThat(hold("1-2", token.pinFile(), "-o", "json")).as(text(err)).isZero();

        JsonNode transcript = JsonMapper.builder().build().readTree(text(out));
        assertThat(transcript.get("standing").asString()).isEqualTo("REHEARSAL");
        assertThat(transcript.get("serial").asString()).isEqualTo(token.serial());
        assertThat(transcript.get("steps").size()).isEqualTo(5);
        JsonNode kek = transcript.get("steps").get(1);
        assertThat(kek.get("object").asString()).isEqualTo("strongroom/kek/acme/1");
        assertThat(kek.get("verified").get("CKA_TRUSTED").asString()).isEqualTo("true");
        assertThat(text(out)).doesNotContain(pin());
    }

    @Test
    void isReadableStepByStep() {
        assertThat(hold("1-1", token.pinFile())).as(text(err)).isZero();

        assertThat(text(out))
                .contains("A REHEARSAL")
                .contains("make key-encryption key strongroom/kek/acme/1")
                .contains("CKA_DESTROYABLE = false")
                .contains("register recipient");
    }

    @Test
    void makesNoVersionTwice() {
        assertThat(hold("1-1", token.pinFile())).isZero();
        assertThat(hold("1-2", token.pinFile())).isEqualTo(ExitCode.CONFLICT.number());
        assertThat(text(err)).contains("nothing was made");
    }

    @Test
    void triesAWrongPinOnceAndSaysSo() throws Exception {
        Path wrong = Files.writeString(dir.resolve("wrong"), "00000000");
        Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-------"));

        assertThat(hold("1-1", wrong)).isEqualTo(ExitCode.DENIED.number());
        assertThat(text(err)).contains("one attempt was made");
    }

    @Test
    void aDryRunTouchesNoToken() {
        assertThat(hold("1-9", token.pinFile(), "--dry-run")).isZero();
        assertThat(hold("1-1", token.pinFile())).isZero();
    }

    @Test
    void refusesVersionsThatAreNoRange() {
        for (String versions : List.of("0-3", "3-1", "a-b", "1-5000", "")) {
            assertThat(hold(versions, token.pinFile())).isEqualTo(ExitCode.LOCAL.number());
        }
    }

    private int hold(String versions, Path soPin, String... more) {
        var args =
                new ArrayList<>(
                        List.of(
                                "keys",
                                "ceremony",
                                "--module",
                                token.module().toString(),
                                "--token",
                                token.label(),
                                "--so-pin-file",
                                soPin.toString(),
                                "--tenant",
                                "acme",
                                "--versions",
                                versions,
                                "--recipient",
                                recipient.toString()));
        args.addAll(List.of(more));
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Console.Errors.FILE,
                        Map.of("STRONGROOM_CONTEXT", dir.toString()));
        return new StrongroomCommand(TrustAnchors.vendors(), console)
                .execute(args.toArray(String[]::new));
    }

    private String pin() {
        try {
            return Files.readString(token.pinFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
