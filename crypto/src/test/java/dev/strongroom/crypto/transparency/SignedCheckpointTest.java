package dev.strongroom.crypto.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import java.security.KeyPair;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedCheckpointTest {
    private static final String ORIGIN = "vault.example/log";
    private static final KeyPair LOG = Version.p256();
    private static final KeyPair OTHER = Version.p256();
    private static final Checkpoint CHECKPOINT =
            new Checkpoint(ORIGIN, 20852163, Digest.sha256(new byte[] {1}));
    private static final NoteKey LOG_KEY = new NoteKey(ORIGIN, LOG.getPublic());

    @Test
    void writesTheTextOfTheSpecification() throws Exception {
        // The example of C2SP tlog-checkpoint.
        var example =
                new Checkpoint(
                        "example.com/behind-the-sofa",
                        20852163,
                        Digest.of(
                                Base64.getDecoder()
                                        .decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")));
        assertThat(example.text())
                .isEqualTo(
                        """
                        example.com/behind-the-sofa
                        20852163
                        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
                        """);
        assertThat(Checkpoint.parse(example.text())).isEqualTo(example);
    }

    @Test
    void keepsALineOfAnotherKeyTypeAndIgnoresIt() throws Exception {
        // The example's Ed25519 line, which no key of ours verifies.
        String note =
                """
                example.com/behind-the-sofa
                20852163
                CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

                — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
                """;
        SignedCheckpoint parsed = SignedCheckpoint.parse(note);
        assertThat(parsed.note()).isEqualTo(note);
        var key = new NoteKey("example.com/behind-the-sofa", LOG.getPublic());
        assertRefused(() -> parsed.verify(key, WitnessQuorum.NONE), "expected a signature");
    }

    @Test
    void theKeyIdIsTheStartOfTheKeysDigest() throws Exception {
        SignedCheckpoint signed = SignedCheckpoint.sign(CHECKPOINT, P256.signer(LOG));
        byte[] digest = Digest.sha256(LOG.getPublic().getEncoded()).bytes();
        assertThat(signed.signatures().getFirst().keyId())
                .containsExactly(digest[0], digest[1], digest[2], digest[3]);
        assertThat(signed.signatures().getFirst().name()).isEqualTo(ORIGIN);
    }

    @Test
    void isBelievedWithTheLogsSignature() throws Exception {
        SignedCheckpoint signed = SignedCheckpoint.sign(CHECKPOINT, P256.signer(LOG));
        assertThat(signed.verify(LOG_KEY, WitnessQuorum.NONE)).isEqualTo(CHECKPOINT);
        var other = new NoteKey("other.example/log", LOG.getPublic());
        assertRefused(() -> signed.verify(other, WitnessQuorum.NONE), "expected origin");
        var otherKey = new NoteKey(ORIGIN, OTHER.getPublic());
        assertRefused(() -> signed.verify(otherKey, WitnessQuorum.NONE), "expected a signature");
    }

    @Test
    void aFalseLineOfAKnownKeyCondemnsTheNote() throws Exception {
        SignedCheckpoint signed = SignedCheckpoint.sign(CHECKPOINT, P256.signer(LOG));
        var elsewhere = new Checkpoint(ORIGIN, 1, Digest.sha256());
        var moved =
                new SignedCheckpoint(
                        CHECKPOINT,
                        List.of(
                                signed.signatures().getFirst(),
                                SignedCheckpoint.sign(elsewhere, P256.signer(LOG))
                                        .signatures()
                                        .getFirst()));
        assertRefused(() -> moved.verify(LOG_KEY, WitnessQuorum.NONE), "not valid");
    }

    private static final String NOTE = note(P256.signer(LOG));

    @Property(tries = 400)
    void everyChangedCharacterIsRefused(
            @ForAll @IntRange(max = 1 << 20) int position,
            @ForAll @IntRange(min = 1, max = 127) int mask) {
        int at = position % NOTE.length();
        String changed =
                NOTE.substring(0, at) + (char) (NOTE.charAt(at) ^ mask) + NOTE.substring(at + 1);
        assertThatThrownBy(
                        () -> SignedCheckpoint.parse(changed).verify(LOG_KEY, WitnessQuorum.NONE))
                .isInstanceOf(SealedFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "a\n1\nroot\n",
                "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n",
                "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n",
                "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n",
                "a b\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n\n— a AAAAAAA=\n",
                "a\n1\nAAAA\n\n— a AAAAAAA=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n\n— a AAAAAAA=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n- a AAAAAAA=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAA\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a  AAAAAAA=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a+b AAAAAAA=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
            })
    void refusesWhatIsNotANote(String note) {
        assertThatThrownBy(() -> SignedCheckpoint.parse(note))
                .isInstanceOf(SealedFormatException.class);
    }

    @Test
    void refusesMoreThanTheLimits() {
        String text = CHECKPOINT.text() + "\n";
        String line = "— w.example AAAAAAA=\n";
        assertThat(parse(text + line.repeat(20)).signatures()).hasSize(20);
        assertRefused(() -> SignedCheckpoint.parse(text + line.repeat(21)), "at most 20");
        String long1 = "— w.example " + "A".repeat(17_000) + "\n";
        assertRefused(() -> SignedCheckpoint.parse(text + long1), "at most 16384");
    }

    private static SignedCheckpoint parse(String note) {
        try {
            return SignedCheckpoint.parse(note);
        } catch (SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String note(StatementSigner log) {
        try {
            return SignedCheckpoint.sign(CHECKPOINT, log).note();
        } catch (java.security.SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(message);
    }
}
