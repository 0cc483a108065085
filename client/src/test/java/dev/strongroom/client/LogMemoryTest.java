package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.ClientException.Kind;
import dev.strongroom.client.LogMemory.Age;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogMemoryTest {
    @TempDir Path folder;
    private TestVault vault;
    private LogMemory memory;

    @BeforeEach
    void rememberFiveLeaves() throws Exception {
        vault = new TestVault(TrustAnchors.vendors());
        memory = new LogMemory(new Profile(folder));
        vault.appendUnrelated(5);
        accept(vault.checkpoint(5), Age.LATEST);
    }

    @Test
    void acceptsALogThatGrew() throws Exception {
        vault.appendUnrelated(6);

        accept(vault.checkpoint(11), Age.LATEST);
    }

    @Test
    void acceptsAnOlderCheckpointOfTheSameLogInAnEarlierProof() throws Exception {
        accept(vault.checkpoint(3), Age.ANY);
    }

    @Test
    void demandsTheWitnessesOfTheProfile() throws Exception {
        Cosigner first = witness("w.example/1");
        Cosigner second = witness("w.example/2");
        Files.writeString(
                folder.resolve("witnesses.txt"),
                "threshold 1\n" + first.key().text() + "\n" + second.key().text() + "\n");
        SignedCheckpoint plain = vault.checkpoint(5);
        assertRefused(() -> accept(plain, Age.LATEST));
        accept(plain.with(second.cosign(plain.checkpoint(), Instant.EPOCH)), Age.LATEST);

        Files.writeString(
                folder.resolve("witnesses.txt"),
                first.key().text() + "\n" + second.key().text() + "\n");
        SignedCheckpoint half = plain.with(first.cosign(plain.checkpoint(), Instant.EPOCH));
        assertRefused(() -> accept(half, Age.LATEST));
        accept(half.with(second.cosign(plain.checkpoint(), Instant.EPOCH)), Age.LATEST);
    }

    @Test
    void takesNoDamagedListOfWitnessesForNone() throws Exception {
        for (String damaged : List.of("threshold 0 \n", "w.example/1\n", "threshold 1\n")) {
            Files.writeString(folder.resolve("witnesses.txt"), damaged);
            assertThatThrownBy(() -> accept(vault.checkpoint(5), Age.LATEST))
                    .isInstanceOf(ClientException.class);
        }
    }

    private static Cosigner witness(String name) throws Exception {
        return new Cosigner(name, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
    }

    @Test
    void refusesALogThatWasRolledBack() {
        assertRefused(() -> accept(vault.checkpoint(3), Age.LATEST));
    }

    @Test
    void refusesAnotherLogOfTheSameSize() throws Exception {
        var fork = fork(5);

        assertRefused(() -> accept(fork, Age.ANY));
    }

    @Test
    void refusesALongerLogThatDoesNotContinueTheOneSeen() throws Exception {
        vault.appendUnrelated(4);
        var fork = fork(9);

        assertRefused(() -> accept(fork, Age.LATEST));
    }

    @Test
    void refusesAnOlderCheckpointOfAnotherLog() throws Exception {
        var fork = fork(3);

        assertRefused(() -> accept(fork, Age.ANY));
    }

    @Test
    void refusesAProofThatIsMissing() throws Exception {
        vault.appendUnrelated(4);
        SignedCheckpoint grown = vault.checkpoint(9);

        assertRefused(
                () -> memory.accept(grown, Age.LATEST, vault.identity(), (from, to) -> List.of()));
    }

    @Test
    void forgetsNothingWhenItRefused() throws Exception {
        assertRefused(() -> accept(fork(5), Age.ANY));

        assertThatCode(() -> accept(vault.checkpoint(5), Age.LATEST)).doesNotThrowAnyException();
    }

    @Test
    void refusesAMemoryThatSomebodyWroteTo() throws Exception {
        Path file = folder.resolve("state/checkpoint");
        Files.writeString(file, Files.readString(file).replaceFirst("\n5\n", "\n4\n"));

        assertRefused(() -> accept(vault.checkpoint(5), Age.LATEST));
    }

    /** Signed by the same vault, with other leaves. */
    private SignedCheckpoint fork(long size) throws Exception {
        var other = new TestVault(TrustAnchors.vendors());
        other.appendUnrelated((int) size);
        return SignedCheckpoint.sign(
                new Checkpoint(TestVault.ORIGIN, size, other.checkpoint(size).checkpoint().root()),
                vault.signer());
    }

    private void accept(SignedCheckpoint seen, Age age) throws Exception {
        memory.accept(seen, age, vault.identity(), vault);
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(ClientException.class)
                .extracting(e -> ((ClientException) e).kind())
                .isEqualTo(Kind.VERIFICATION_FAILED);
    }
}
