package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A signed checkpoint, as the vault sends it and clients keep it. */
class CheckpointFuzz {
    private static final Checkpoint CHECKPOINT =
            new Checkpoint("vault.example/log", 42, Digest.sha256());

    static List<byte[]> seeds() throws SignatureException {
        var log = P256.signer(Version.p256());
        var note =
                SignedCheckpoint.sign(CHECKPOINT, log)
                        .with(Witness.named("witness.example/w1").cosign(CHECKPOINT, Instant.EPOCH))
                        .note();
        return List.of(note.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        var text = new String(input, StandardCharsets.UTF_8);
        Hostile.reread(
                text.getBytes(StandardCharsets.UTF_8),
                SealedFormatException.class,
                _ -> SignedCheckpoint.parse(text),
                note -> note.note().getBytes(StandardCharsets.UTF_8));
    }
}
