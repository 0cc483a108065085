package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AliasMemoryTest {
    private static final ModelName MODEL = ModelName.parse("acme/bert");
    private static final AliasName PRODUCTION = new AliasName("production");

    @TempDir private Path folder;
    private final KeyPair owner = key();

    @Test
    void anEarlierMoveOrAnotherOneOfTheSameNumberIsNotShownTwice() throws Exception {
        VerifiedAlias first = move(Optional.empty(), PRODUCTION);
        VerifiedAlias second = move(Optional.of(first), PRODUCTION);
        memory().accept(first);
        memory().accept(second);
        memory().accept(second);
        assertRefused(first);
        assertRefused(move(Optional.of(first), PRODUCTION));
        memory().accept(move(Optional.empty(), new AliasName("canary")));
        memory().accept(move(Optional.of(second), PRODUCTION));
    }

    /** The vault showed one move of a number here and another one elsewhere. */
    @Test
    void aMoveOverOneThatWasNotSeenIsRefused() throws Exception {
        VerifiedAlias first = move(Optional.empty(), PRODUCTION);
        VerifiedAlias seen = move(Optional.of(first), PRODUCTION);
        VerifiedAlias unseen = move(Optional.of(first), PRODUCTION);
        memory().accept(seen);
        VerifiedAlias next = move(Optional.of(unseen), PRODUCTION);
        var refused = catchThrowableOfType(ClientException.class, () -> memory().accept(next));
        assertThat(refused).hasMessageContaining("does not follow the move 2 that was seen");
        assertThat(refused.kind()).isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
        memory().accept(move(Optional.of(next), PRODUCTION)); // so far behind nobody can tell
    }

    @Test
    void oneOfTwoCommandsAtOnceSigns() throws Exception {
        AliasMove one = move(Optional.empty(), PRODUCTION).move();
        AliasMove other = move(Optional.empty(), PRODUCTION).move();
        memory().sign(one);
        memory().sign(one);
        var refused = catchThrowableOfType(ClientException.class, () -> memory().sign(other));
        assertThat(refused.kind()).isEqualTo(ClientException.Kind.CONFLICT);
        memory().sign(other.numbered(2));
    }

    @Test
    void aDamagedFileIsNotReadAsForgetting() throws Exception {
        memory().accept(move(Optional.empty(), PRODUCTION));
        Path file = new Profile(folder).stateFolder().resolve("aliases");
        Files.writeString(file, Files.readString(file).replace(" 1 ", " x "));
        assertThatThrownBy(() -> memory().accept(move(Optional.empty(), PRODUCTION)))
                .hasMessageContaining("is damaged");
    }

    private void assertRefused(VerifiedAlias move) {
        var refused = catchThrowableOfType(ClientException.class, () -> memory().accept(move));
        assertThat(refused).hasMessageContaining("another move 2 was seen before");
        assertThat(refused.kind()).isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
    }

    private AliasMemory memory() throws Exception {
        return new AliasMemory(new Profile(folder));
    }

    private VerifiedAlias move(Optional<VerifiedAlias> before, AliasName alias) throws Exception {
        AliasMove move =
                AliasMove.after(
                        before, MODEL, alias, Optional.of(VersionId.random(new SecureRandom())));
        byte[] spki = owner.getPublic().getEncoded();
        return AliasMove.verify(move.sign(P256.signer(owner)), P256.keyId(spki), spki);
    }

    private static KeyPair key() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
