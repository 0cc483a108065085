package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.bcfks.BcfksConfig;
import dev.strongroom.crypto.custody.bcfks.BcfksCustodian;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static Path program(String name, String script) throws Exception {
        Path file = Files.writeString(dir.resolve(name), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void runsAPinCommandOnlyToLogInAndThenOnce() throws Exception {
        Path runs = dir.resolve("runs");
        Path program = program("get", "echo run >> " + runs + "; cat \"$1\"");
        String command = program + "," + password;

        assertThat(doctor("--pin-command", command)).isZero();
        assertThat(finding("pin source"))
                .startsWith("would run " + program + " with 1 argument(s), of ")
                .endsWith("; it was not run")
                .doesNotContain(password.toString());
        assertThat(runs).doesNotExist();

        out.reset();
        assertThat(doctor("--key-store", store.toString(), "--pin-command", command, "--log-in"))
                .isZero();
        assertThat(finding("store")).endsWith(" entries");
        assertThat(Files.readAllLines(runs)).hasSize(1);
    }

    @Test
    void saysWhoElseCouldReplaceThePinCommand() throws Exception {
        Path open = program("open", "true");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(doctor("--pin-command", open.toString())).isNotZero();
        assertThat(finding("pin source")).contains("others can write " + open.toRealPath());

        Path folder = Files.createDirectory(dir.resolve("bin"));
        Path closed = Files.move(program("closed", "true"), folder.resolve("closed"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        out.reset();
        assertThat(doctor("--pin-command", closed.toString())).isNotZero();
        assertThat(finding("pin source")).contains("others can write " + folder.toRealPath());
    }

    /** The program at the end is nobody else's; which one that is, they decide. */
    @Test
    void saysWhoElseCouldReplaceALinkToThePinCommand() throws Exception {
        Path program = program("linked", "true");
        Path open = Files.createDirectory(dir.resolve("shelf"));
        Path inside = Files.createSymbolicLink(open.resolve("link"), program);
        Path first = Files.createSymbolicLink(dir.resolve("first"), Path.of("shelf/../shelf/link"));
        assertThat(doctor("--pin-command", first.toString())).isZero();

        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (Path named : List.of(inside, first)) {
            out.reset();
            assertThat(doctor("--pin-command", named.toString())).isNotZero();
            assertThat(finding("pin source")).contains("others can write " + open.toRealPath());
        }
    }

    @Test
    void saysWhoElseCouldReplaceALinkedFolderOnTheWayToThePinCommand() throws Exception {
        Path tools = Files.createDirectory(dir.resolve("tools"));
        Files.move(program("get-pin", "true"), tools.resolve("get-pin"));
        Path open = Files.createDirectory(dir.resolve("opened"));
        Files.createSymbolicLink(open.resolve("tools"), tools.toAbsolutePath());
        Files.createSymbolicLink(dir.resolve("current"), open.resolve("tools"));
        String named = dir.resolve("current").resolve("get-pin").toString();
        assertThat(doctor("--pin-command", named)).isZero();

        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
        out.reset();
        assertThat(doctor("--pin-command", named)).isNotZero();
        assertThat(finding("pin source")).contains("others can write " + open.toRealPath());
    }

    /** In a folder as /tmp is, who owns a link replaces it. */
    @Test
    void saysWhoOwnsALinkToThePinCommand() throws Exception {
        assumeThat(System.getProperty("user.name")).as("gives files away").isEqualTo("root");
        Path link = Files.createSymbolicLink(dir.resolve("theirs"), program("ours", "true"));
        assertThat(doctor("--pin-command", link.toString())).isZero();
        var nobody =
                dir.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.getFileAttributeView(link, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setOwner(nobody);
        out.reset();
        assertThat(doctor("--pin-command", link.toString())).isNotZero();
        assertThat(finding("pin source"))
                .contains(dir.toRealPath().resolve("theirs") + " belongs to nobody");
    }

    @Test
    void saysThatAPinCommandIsNone() throws Exception {
        assertThat(doctor("--pin-command", "get-pin,here")).isNotZero();
        assertThat(doctor("--pin-command", password.toString())).isNotZero();
        assertThat(doctor("--pin-command", "/bin/true", "--pin-file", password.toString()))
                .isEqualTo(ExitCode.LOCAL.number());
    }

    @Test
    void looksAtACredentialAsTheServiceGetsIt() throws Exception {
        Path folder = Files.createDirectories(dir.resolve("credentials"));
        Path given = Files.writeString(folder.resolve("pin"), "1234");
        Files.setPosixFilePermissions(given, PosixFilePermissions.fromString("r--r-----"));
        assertThat(doctor("--pin-credential", "pin")).isZero();
        assertThat(finding("pin source")).isEqualTo("credential, r--r-----");

        Files.setPosixFilePermissions(given, PosixFilePermissions.fromString("r--r--r--"));
        out.reset();
        assertThat(doctor("--pin-credential", "pin")).isNotZero();
        out.reset();
        assertThat(doctor("--pin-credential", "other")).isNotZero();
        assertThat(PinDoctor.credential("pin", Optional.empty()).health())
                .isEqualTo(Checkup.Health.WARN);
    }

    @Test
    void looksWhetherADataFolderKeepsWhatIsWritten() throws Exception {
        Path data = Files.createDirectory(dir.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        assertThat(doctor("--data", data.toString())).isZero();
        assertThat(finding("data folder")).contains("rwx------", "MB free");
        assertThat(data).isEmptyDirectory();

        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwx---"));
        out.reset();
        assertThat(doctor("--data", data.toString())).isNotZero();
        assertThat(finding("data folder")).contains("others can write it");
        out.reset();
        assertThat(doctor("--data", dir.resolve("nowhere").toString())).isNotZero();
    }

    private int doctor(String... options) {
        var arguments = new ArrayList<>(List.of("doctor", "-o", "json"));
        arguments.addAll(List.of(options));
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        Console.Errors.FILE,
                        Map.of(
                                "STRONGROOM_CONTEXT",
                                dir.resolve("context").toString(),
                                "CREDENTIALS_DIRECTORY",
                                dir.resolve("credentials").toString()));
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
