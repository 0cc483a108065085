package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.bcfks.BcfksConfig;
import dev.strongroom.crypto.custody.bcfks.BcfksCustodian;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the doctor says of a vault's keys. */
class DoctorTest {
    @TempDir private static Path dir;
    private static Path store;
    private static Path password;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeAll
    static void makeKeyStore() throws Exception {
        store = dir.resolve("keys.bcfks");
        password = secret("password", "right");
        BcfksCustodian.initialise(
                        new BcfksConfig(store, PinSource.file(password)), new SecureRandom())
                .close();
    }

    private static Path secret(String name, String content) throws Exception {
        Path file = Files.writeString(dir.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void namesTheKindLevelAndSourceWithoutThePassword() {
        int exit = doctor("--key-store", store.toString(), "--pin-file", password.toString());

        assertThat(exit).isZero();
        assertThat(finding("custody")).contains("key store file", "level SOFTWARE");
        assertThat(finding("pin source")).isEqualTo("file, rw-------");
        assertThat(checks()).noneMatch(check -> name(check).equals("store"));
    }

    @Test
    void looksInsideWhenToldTo() throws Exception {
        assertThat(unlock(password)).isZero();
        assertThat(finding("store")).startsWith("bcfks-").endsWith(" entries");
    }

    @Test
    void saysThatAWrongPasswordOrDamageIsTheTrouble() throws Exception {
        assertThat(unlock(secret("wrong", "wrong"))).isNotZero();
        assertThat(finding("store")).contains("the password is wrong, or the file is damaged");
    }

    private int unlock(Path with) {
        return doctor("--key-store", store.toString(), "--pin-file", with.toString(), "--log-in");
    }

    @Test
    void saysWhatIsNoKeyStoreOfOurs() throws Exception {
        assertThat(doctor("--key-store", secret("other", "text").toString())).isNotZero();
        assertThat(finding("custody")).contains("not one that a vault wrote");
    }

    @Test
    void logsInOnlyWithAPinAndSomethingToOpen() {
        assertThat(doctor("--log-in")).isEqualTo(ExitCode.LOCAL.number());
        assertThat(doctor("--log-in", "--pin-file", password.toString()))
                .isEqualTo(ExitCode.LOCAL.number());
    }

    private int doctor(String... options) {
        var arguments = new ArrayList<>(List.of("doctor", "-o", "json"));
        arguments.addAll(List.of(options));
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        Console.Errors.FILE,
                        Map.of("STRONGROOM_CONTEXT", dir.resolve("context").toString()));
        return new StrongroomCommand(TrustAnchors.vendors(), console)
                .execute(arguments.toArray(String[]::new));
    }

    private List<JsonNode> checks() {
        return JsonMapper.shared()
                .readTree(out.toString(StandardCharsets.UTF_8))
                .get("checks")
                .valueStream()
                .toList();
    }

    private String finding(String check) {
        return checks().stream()
                .filter(row -> name(row).equals(check))
                .findFirst()
                .orElseThrow()
                .get("finding")
                .asString();
    }

    private static String name(JsonNode check) {
        return check.get("check").asString();
    }
}
