package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.ProfileName;
import dev.strongroom.testkit.ConfigurationPage;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir private Path dir;

    private Path file(String yaml) throws Exception {
        return Files.writeString(dir.resolve("vault.yaml"), yaml);
    }

    private StartupException fault(String yaml) throws Exception {
        Path file = file(yaml);
        var fault = catchThrowableOfType(StartupException.class, () -> ConfigFile.read(file));
        assertThat(fault.exit()).isEqualTo(Exit.USAGE);
        return fault;
    }

    @Test
    void readsAFullFile() throws Exception {
        VaultConfig config =
                ConfigFile.read(
                        file(
                                """
                                dataDir: /var/lib/strongroom
                                token: {module: /lib/p11.so, label: main, pinFile: /etc/pin}
                                grpc: {host: 0.0.0.0, port: 8443}
                                hostNames: [vault.example.org]
                                limits: {leaseMinutes: 5, unfinishedHours: 2, rotationBatch: 8}
                                """));
        assertThat(config.grpc()).isEqualTo(new VaultConfig.Listener("0.0.0.0", 8443));
        assertThat(config.http()).isEqualTo(VaultConfig.Listener.LOOPBACK);
        assertThat(config.hostNames()).containsExactly("vault.example.org");
        assertThat(config.limits().lease()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.limits().rotationBatch()).isEqualTo(8);
        assertThat(config.limits().objectBytes())
                .isEqualTo(VaultConfig.Limits.DEFAULT.objectBytes());
    }

    @Test
    void theConfigurationPageShowsEveryKeyAndItsDefault() throws Exception {
        var page = ConfigurationPage.of("Vault");
        VaultConfig shown = ConfigFile.read(page.in(dir));
        assertThat(shown.limits()).isEqualTo(VaultConfig.Limits.DEFAULT);
        assertThat(shown.grpc()).isEqualTo(VaultConfig.Listener.LOOPBACK);
        assertThat(shown.http()).isEqualTo(VaultConfig.Listener.LOOPBACK);
        for (String section : List.of("%s", "limits: {%s}", "token: {%s}", "keyStore: {%s}")) {
            String unknown = "dataDir: /data\n" + section.formatted("nonsense: 1") + "\n";
            assertThat(page.lacks(String.valueOf(fault(unknown).getMessage()))).isEmpty();
        }
    }

    @Test
    void readsWhoMustApprove() throws Exception {
        String alice = "aa".repeat(32);
        String bob = "bb".repeat(32);
        String yaml =
                """
                dataDir: /var/lib/strongroom
                token: {module: /lib/p11.so, label: main, pinFile: /etc/pin}
                approvals:
                  threshold: 1
                  approvers: [{name: alice, key: %s}, {name: bob, key: %s}]
                """;
        assertThat(ConfigFile.read(file(yaml.formatted(alice, bob))).approvals())
                .hasValueSatisfying(roster -> {
                    assertThat(roster.threshold()).isEqualTo(1);
                    assertThat(roster.names())
                            .containsEntry(new Digest(alice), "alice")
                            .containsEntry(new Digest(bob), "bob");
                });
        assertThat(fault(yaml.formatted(alice, alice))).hasMessageContaining("no key twice");
        assertThat(fault(yaml.formatted(alice, "bob")))
                .hasMessageContaining("approvals.approvers.key: expected a key id");
        assertThat(fault(yaml.formatted(alice, bob).replace("threshold: 1", "threshold: 2")))
                .hasMessageContaining("expected at most 1");
        assertThat(fault(yaml.formatted(alice, bob).replace("threshold: 1", "quorum: 1")))
                .hasMessageContaining("approvals.quorum: unknown key");
        assertThat(fault(yaml.substring(0, yaml.indexOf("  approvers"))))
                .hasMessageContaining("two or more");
    }

    @Test
    void keepsKeysInAFileWhereNoTokenIsConfigured() throws Exception {
        assertThat(ConfigFile.read(file("dataDir: /data\n")).custody())
                .isEqualTo(
                        new VaultConfig.KeyStore(
                                Path.of("/data/keys.bcfks"), Path.of("/data/keys.password")));
        assertThat(
                        ConfigFile.read(
                                        file(
                                                """
                                                dataDir: /data
                                                keyStore: {passwordFile: /run/credentials/pw}
                                                """))
                                .custody())
                .isEqualTo(
                        new VaultConfig.KeyStore(
                                Path.of("/data/keys.bcfks"), Path.of("/run/credentials/pw")));
    }

    @Test
    void takesAKeyStoresPasswordFromWhereAPinMayBe() throws Exception {
        var store =
                (VaultConfig.KeyStore)
                        ConfigFile.read(
                                        file(
                                                """
                                                dataDir: /data
                                                keyStore: {file: /keys, passwordCredential: keys}
                                                """))
                                .custody();
        assertThat(store.file()).isEqualTo(Path.of("/keys"));
        assertThat(store.password()).hasToString("PinCredential[keys]");
        assertThat(store.passwordFile()).isEmpty();
        assertThat(fault("dataDir: /d\nkeyStore: {password: secret}\n"))
                .hasMessageContaining("keyStore.password: unknown key");
    }

    /** A token that is half configured is a fault, not a vault in software. */
    @Test
    void neverTakesAFileForATokenThatIsNamed() throws Exception {
        assertThat(fault("dataDir: /data\ntoken: {}\n"))
                .hasMessageContaining("token.module: missing");
        assertThat(fault("dataDir: /data\ntoken:\n")).hasMessageContaining("token: expected");
        assertThat(
                        fault(
                                """
                                dataDir: /data
                                token: {module: /lib/p11.so, label: main, pinFile: /etc/pin}
                                keyStore: {file: /data/keys}
                                """))
                .hasMessageContaining("either a token or a key store");
    }

    @Test
    void listsAllFaultsTogether() throws Exception {
        assertThat(
                        fault(
                                """
                                dataDir: relative/path
                                token: {module: /lib/p11.so, lable: main}
                                grpc: {port: 70000}
                                limits: {leaseMinutes: soon}
                                secret: 1
                                """))
                .hasMessageContaining("7 fault(s)")
                .hasMessageContaining("dataDir: expected an absolute path")
                .hasMessageContaining("token.lable: unknown key")
                .hasMessageContaining("token.label: missing")
                .hasMessageContaining("token.pinFile: missing")
                .hasMessageContaining("grpc.port: expected a number from 0 to 65535")
                .hasMessageContaining("limits.leaseMinutes")
                .hasMessageContaining("secret: unknown key");
    }

    @Test
    void takesAnyOnePinSource() throws Exception {
        assertThat(pin("pinFile: /etc/pin")).isEqualTo(PinSource.file(Path.of("/etc/pin")));
        assertThat(pin("pinCredential: token-pin")).hasToString("PinCredential[token-pin]");
        assertThat(pin("pinCommand: [/usr/bin/get, pin]"))
                .isEqualTo(PinSource.command(List.of("/usr/bin/get", "pin")));
    }

    @Test
    void refusesTwoPinSourcesAndPlainPins() throws Exception {
        assertThat(tokenFault("pinFile: /etc/pin, pinCredential: pin"))
                .hasMessageContaining("expected one of [pinFile, pinCredential] alone");
        assertThat(tokenFault("pinCommand: [get, pin]"))
                .hasMessageContaining("token.pinCommand: expected the absolute path");
        assertThat(tokenFault("pinCredential: /run/pin")).hasMessageContaining("expected a name");
        assertThat(tokenFault("pin: 1234")).hasMessageContaining("token.pin: unknown key");
    }

    @Test
    void namesAModulesProfileAndTheOperatorsClaim() throws Exception {
        var module = token("pinFile: /p, profile: generic, level: hsm").module();

        assertThat(module.profile()).contains(ProfileName.GENERIC);
        assertThat(module.level()).contains(TrustLevel.HSM);
        assertThat(tokenFault("pinFile: /p, profile: other")).hasMessageContaining("token.profile");
        assertThat(tokenFault("pinFile: /p, level: hsm_trusted"))
                .hasMessageContaining("token.level");
    }

    private PinSource pin(String source) throws Exception {
        return token(source).pin();
    }

    private VaultConfig.Token token(String rest) throws Exception {
        return (VaultConfig.Token) ConfigFile.read(file(withToken(rest))).custody();
    }

    private StartupException tokenFault(String rest) throws Exception {
        return fault(withToken(rest));
    }

    private static String withToken(String rest) {
        return "dataDir: /d\ntoken: {module: /lib/p11.so, label: main, %s}\n".formatted(rest);
    }

    @Test
    void refusesWhatIsNotYaml() throws Exception {
        assertThat(fault("dataDir: [")).hasMessageContaining("not YAML");
        assertThat(fault("just text")).hasMessageContaining("expected keys and values");
        assertThat(fault("")).hasMessageContaining("expected keys and values");
    }

    @Test
    void saysWhenThereIsNoFile() {
        var fault =
                catchThrowableOfType(
                        StartupException.class, () -> ConfigFile.read(dir.resolve("missing.yaml")));
        assertThat(fault).hasMessageContaining("no such file");
    }
}
