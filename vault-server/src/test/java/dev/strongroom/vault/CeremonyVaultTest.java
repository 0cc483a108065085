package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.Ceremony;
import dev.strongroom.crypto.custody.pkcs11.CeremonyPlan;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vault whose keys a security officer makes: it makes none, and serves no ephemeral node. */
class CeremonyVaultTest {
    private static final String RELEASES =
            "SELECT count(*) FROM audit_leaf WHERE instr(leaf, 'key.released') > 0";

    @TempDir private Path dir;

    @Test
    void takesPushesAndRefusesEveryNodeWithTheReason() throws Exception {
        try (TestVault vault = TestVault.withCeremony(dir)) {
            Refusal.of(() -> vault.tenant("early")).isFor(Reason.CEREMONY_MISSING);

            vault.stop();
            hold(vault);
            vault.start();

            var owner = vault.tenant("acme");
            var policies = owner.setPolicies("bert");
            var version = owner.seal("bert", TestOwner.weights(10));
            owner.push(version);
            var node = new TestNode(owner);
            Refusal.of(() -> node.ask(node.request(version, policies)))
                    .byRule("recipient.registered")
                    .saying("security officer");
            assertThat(vault.count(RELEASES)).isZero();
        }
    }

    private static void hold(TestVault vault) throws Exception {
        Ceremony.hold(
                new CeremonyPlan(
                        Pkcs11Module.at(vault.token.module()),
                        vault.token.label(),
                        PinSource.file(vault.token.pinFile()), // the test kit gives both one PIN
                        new TenantName("acme"),
                        1,
                        2,
                        1,
                        List.of()));
    }
}
