package dev.strongroom.crypto.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WitnessQuorumTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_679_315_147);
    private static final Checkpoint CHECKPOINT =
            new Checkpoint("vault.example/log", 20852163, Digest.sha256(new byte[] {1}));
    private static final KeyPair LOG = Version.p256();
    private static final Cosigner W1 = Witness.named("witness.example/w1");
    private static final Cosigner W2 = Witness.named("witness.example/w2");
    private static final Cosigner W3 = Witness.named("witness.example/w3");

    @Test
    void aCosignatureIsTheOneOfTheSpecification() throws Exception {
        // Built here from the words of C2SP tlog-cosignature, without the code under test.
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        NoteSignature line = new Cosigner("w.example", keys).cosign(CHECKPOINT, NOW);
        byte[] point = Arrays.copyOfRange(keys.getPublic().getEncoded(), 12, 44);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update("w.example\n".getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 4);
        byte[] keyId = Arrays.copyOf(sha256.digest(point), 4);
        assertThat(line.keyId()).isEqualTo(keyId);
        assertThat(ByteBuffer.wrap(line.signature()).getLong()).isEqualTo(1_679_315_147L);
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(keys.getPublic());
        verifier.update(
                ("cosignature/v1\ntime 1679315147\n" + CHECKPOINT.text())
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(verifier.verify(Arrays.copyOfRange(line.signature(), 8, 72))).isTrue();
        byte[] typed = new byte[33];
        typed[0] = 4;
        System.arraycopy(point, 0, typed, 1, 32);
        assertThat(WitnessKey.of("w.example", keys.getPublic()).text())
                .isEqualTo(
                        "w.example+"
                                + HexFormat.of().formatHex(keyId)
                                + "+"
                                + Base64.getEncoder().encodeToString(typed));
    }

    @Test
    void asManyOfTheWitnessesAsAskedForMustHaveCosigned() throws Exception {
        WitnessQuorum two = quorum(2, W1, W2, W3);
        two.require(cosignedBy(W1, W3));
        two.require(cosignedBy(W1, W2, W3));
        assertRefused(() -> two.require(cosignedBy(W2)), "cosigned by 1");
        assertRefused(() -> two.require(cosignedBy()), "cosigned by 0");
        WitnessQuorum.NONE.require(cosignedBy());
    }

    @Test
    void oneWitnessCountsOnce() throws Exception {
        SignedCheckpoint twice =
                new SignedCheckpoint(
                        CHECKPOINT,
                        List.of(
                                SignedCheckpoint.sign(CHECKPOINT, P256.signer(LOG))
                                        .signatures()
                                        .getFirst(),
                                W1.cosign(CHECKPOINT, NOW),
                                W1.cosign(CHECKPOINT, NOW.plusSeconds(1))));
        assertRefused(() -> quorum(2, W1, W2).require(twice), "cosigned by 1");
        assertRefused(
                () -> WitnessQuorum.of(1, List.of(W1.key().text(), W1.key().text())), "different");
    }

    @Test
    void strangersCountForNothing() throws Exception {
        assertRefused(() -> quorum(1, W1).require(cosignedBy(W2)), "cosigned by 0");
        Cosigner namesake = Witness.named("witness.example/w1");
        assertRefused(() -> quorum(1, W1).require(cosignedBy(namesake)), "cosigned by 0");
    }

    @Test
    void aCosignatureOfAnotherCheckpointCondemnsTheNote() {
        var other = new Checkpoint("vault.example/log", 20852164, CHECKPOINT.root());
        SignedCheckpoint moved = cosignedBy(W2).with(W1.cosign(other, NOW));
        assertRefused(() -> quorum(1, W1, W2).require(moved), "is not valid");
    }

    @Property(tries = 100)
    void everyChangedBitOfACosignatureIsRefused(@ForAll @IntRange(max = 575) int bit) {
        NoteSignature line = W1.cosign(CHECKPOINT, NOW);
        byte[] signature = line.signature().clone();
        signature[bit / 8] ^= (byte) (1 << bit % 8);
        SignedCheckpoint changed =
                cosignedBy().with(new NoteSignature(line.name(), line.keyId(), signature));
        assertThatThrownBy(() -> quorum(1, W1).require(changed))
                .isInstanceOf(SealedFormatException.class);
    }

    @Test
    void aKeyIsReadFromItsOneText() throws Exception {
        assertThat(WitnessKey.parse(W1.key().text())).isEqualTo(W1.key());
        var log = new NoteKey("vault.example/log", LOG.getPublic());
        assertThat(NoteKey.parse(log.text())).isEqualTo(log);
        assertRefused(() -> WitnessKey.parse(log.text()), "type 4");
        assertRefused(() -> NoteKey.parse(W1.key().text()), "type 2");
        String mistyped = W1.key().text().replace("w1+", "w9+");
        assertRefused(() -> WitnessKey.parse(mistyped), "mistyped");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "++", "a+00000000+", "a+00000000+BA==", "a b+00000000+BAA="})
    void refusesWhatIsNoKey(String text) {
        assertThatThrownBy(() -> WitnessKey.parse(text)).isInstanceOf(SealedFormatException.class);
    }

    private static SignedCheckpoint cosignedBy(Cosigner... witnesses) {
        try {
            SignedCheckpoint signed = SignedCheckpoint.sign(CHECKPOINT, P256.signer(LOG));
            for (Cosigner witness : witnesses) {
                signed = signed.with(witness.cosign(CHECKPOINT, NOW));
            }
            return SignedCheckpoint.parse(signed.note());
        } catch (java.security.SignatureException | SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private static WitnessQuorum quorum(int threshold, Cosigner... witnesses) {
        return new WitnessQuorum(threshold, Arrays.stream(witnesses).map(Cosigner::key).toList());
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(message);
    }
}
