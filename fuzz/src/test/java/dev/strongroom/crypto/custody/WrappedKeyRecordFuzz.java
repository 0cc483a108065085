package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.format.WrapFormat;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A wrapped key's record, as if its MAC had been forged. */
class WrappedKeyRecordFuzz {
    static List<byte[]> seeds() {
        var binding =
                new WrapBinding(
                        ModelName.parse("acme/embedder"),
                        VersionId.of(new byte[VersionId.BYTES]),
                        Digest.sha256(),
                        Digest.sha256());
        var record =
                new WrappedKeyRecord(
                        binding,
                        "ab".repeat(Digest.BYTES),
                        1,
                        WrapFormat.RFC3394_KW,
                        TrustLevel.SOFT_TOKEN,
                        new byte[40]);
        return List.of(record.encode());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input,
                MalformedEncodingException.class,
                WrappedKeyRecord::decode,
                WrappedKeyRecord::encode);
    }
}
