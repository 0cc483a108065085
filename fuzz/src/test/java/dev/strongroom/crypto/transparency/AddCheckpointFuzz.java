package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.security.SignatureException;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** What anybody may send to a witness. */
class AddCheckpointFuzz {
    static List<byte[]> seeds() throws SignatureException {
        var checkpoint = new Checkpoint("vault.example/log", 42, Digest.sha256());
        var signed = SignedCheckpoint.sign(checkpoint, P256.signer(Version.p256()));
        return List.of(
                new AddCheckpoint(0, List.of(), signed).encode(),
                new AddCheckpoint(41, List.of(Digest.sha256(), Digest.sha256()), signed).encode());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input, SealedFormatException.class, AddCheckpoint::decode, AddCheckpoint::encode);
    }
}
