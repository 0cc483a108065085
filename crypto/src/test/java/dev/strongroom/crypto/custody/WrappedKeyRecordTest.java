package dev.strongroom.crypto.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The parser under the MAC: one encoding per record, one exception for everything else. */
class WrappedKeyRecordTest {
    @Property
    void readsWhatItWrites(
            @ForAll @Size(16) byte[] versionId,
            @ForAll @Size(32) byte[] digest,
            @ForAll @Size(max = 512) byte[] wrapped,
            @ForAll @IntRange(min = 1) int kekVersion)
            throws Exception {
        byte[] body = record(versionId, digest, wrapped, kekVersion).encode();

        WrappedKeyRecord read = WrappedKeyRecord.decode(body);

        assertThat(read.encode()).isEqualTo(body);
        assertThat(read.wrapped()).isEqualTo(wrapped);
        assertThat(read.kekVersion()).isEqualTo(kekVersion);
        assertThat(read.binding().versionId().bytes()).isEqualTo(versionId);
    }

    @Property
    void refusesAnyOtherLength(@ForAll @IntRange(max = 400) int length) {
        byte[] body = record(new byte[16], new byte[32], new byte[40], 1).encode();
        if (length != body.length) {
            assertThatThrownBy(() -> WrappedKeyRecord.decode(Arrays.copyOf(body, length)))
                    .isInstanceOf(MalformedEncodingException.class);
        }
    }

    @Property
    void readsAFlippedBitAsAnotherRecordOrNotAtAll(
            @ForAll @IntRange(max = 239) int at, @ForAll @IntRange(max = 7) int bit) {
        byte[] body = record(new byte[16], new byte[32], new byte[40], 1).encode();
        body[at % body.length] ^= (byte) (1 << bit);
        try {
            assertThat(WrappedKeyRecord.decode(body).encode()).isEqualTo(body);
        } catch (MalformedEncodingException e) {
            assertThat(e).hasMessageContaining("strongroom/wrapped-key");
        }
    }

    @Property
    void refusesNoise(@ForAll @Size(max = 300) byte[] noise) {
        assertThatThrownBy(() -> WrappedKeyRecord.decode(noise))
                .isInstanceOf(MalformedEncodingException.class);
    }

    private static WrappedKeyRecord record(
            byte[] versionId, byte[] digest, byte[] wrapped, int kekVersion) {
        var binding =
                new WrapBinding(
                        ModelName.parse("acme/minilm"),
                        VersionId.of(versionId),
                        Digest.of(digest),
                        Digest.of(digest));
        return new WrappedKeyRecord(
                binding,
                "ab".repeat(32),
                kekVersion,
                WrapFormat.RFC3394_KW,
                TrustLevel.SOFT_TOKEN,
                wrapped);
    }
}
