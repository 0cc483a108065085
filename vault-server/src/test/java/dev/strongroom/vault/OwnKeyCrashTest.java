package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.fault.FaultPoint;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vault's process ends in the middle of replacing and of retiring each of its own keys. */
@Tag("nightly")
class OwnKeyCrashTest {
    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed kept;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.inItsOwnProcess(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        kept = owner.seal("bert", TestOwner.weights(100));
        var _ = owner.push(kept);
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static void everythingKeptIsStillReleased() throws Exception {
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, kept, policies)).isTrue();
    }

    /**
     * Before it is in the log a new key is nothing, and is used by the next call; then it is all.
     */
    @ParameterizedTest
    @CsvSource({
        "signing, OWN_KEY_MADE",
        "signing, OWN_KEY_AUDITED",
        "ca, OWN_KEY_MADE",
        "ca, OWN_KEY_AUDITED",
        "tls, OWN_KEY_MADE",
        "tls, OWN_KEY_AUDITED"
    })
    void aRotationOfTheVaultsOwnKeyIsWholeOrNothing(String key, FaultPoint point) throws Exception {
        int before = new TestOwnKeys(vault).current(key);
        vault.diesAt(point, () -> new TestOwnKeys(vault).rotate(key));
        var keys = new TestOwnKeys(vault);
        if (point == FaultPoint.OWN_KEY_MADE) {
            assertThat(keys.current(key)).isEqualTo(before);
            keys.rotate(key);
        }
        assertThat(keys.current(key)).isEqualTo(before + 1);
        everythingKeptIsStillReleased();
        if (key.equals("ca")) {
            vault.renewOperator();
        }
        vault.diesAt(
                FaultPoint.OWN_KEY_RETIREMENT_AUDITED, () -> new TestOwnKeys(vault).retire(key));
        new TestOwnKeys(vault).retire(key);
        assertThat(new TestOwnKeys(vault).states(key)).containsExactly("current");
        owner = owner.renewed();
        everythingKeptIsStillReleased();
    }
}
