package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.TestSecrets;
import dev.strongroom.crypto.seal.TinkStreaming;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From one seal to the next, a segment at a time. */
class InOrderTest {
    private static final byte[] AAD = "identity".getBytes(StandardCharsets.UTF_8);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final VersionSecrets first = VersionSecrets.generate(RANDOM);
    private final ContentKey key =
            new ContentKey(
                    TestSecrets.contentKey(first),
                    Derivation.digestRoot(TestSecrets.contentKey(first)));
    private final VersionSecrets next =
            key.withDigestRoot(root -> VersionSecrets.renew(RANDOM, root));
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(SegmentGeometry.PLAINTEXT_SEGMENT_BYTES);

    @AfterEach
    void close() {
        first.close();
        next.close();
        key.close();
        arena.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1048519, 1048520, 1048521, 2097080, 2097081, 2_500_000})
    void whatIsSealedAnewIsTheOwnersPlaintextUnderAnotherKey(int size) throws Exception {
        byte[] plaintext = weights(size);
        var out = new ByteArrayOutputStream();
        SealedFile owners = seal(plaintext, out);
        var renewed = new ByteArrayOutputStream();
        SealedFile again = renew(out.toByteArray(), size, renewed);
        assertThat(again.keyedDigest()).isEqualTo(owners.keyedDigest());
        assertThat(again.entry().sealedBytes()).isEqualTo(owners.entry().sealedBytes());
        assertThat(again.entry().digest()).isNotEqualTo(owners.entry().digest());
        assertThat(TinkStreaming.open(TestSecrets.contentKey(next), renewed.toByteArray(), AAD))
                .isEqualTo(plaintext);
        assertThat(buffer.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    @Test
    void stopsAtABadSegmentAndNamesIt() throws IOException {
        var out = new ByteArrayOutputStream();
        seal(weights(2_500_000), out);
        byte[] damaged = out.toByteArray();
        damaged[SegmentGeometry.SEGMENT_BYTES + 9] ^= 1;
        assertThatThrownBy(() -> renew(damaged, 2_500_000, new ByteArrayOutputStream()))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("segment 1");
        assertThat(buffer.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    @Test
    void passesOnWhatTheSinkThrows() throws IOException {
        var out = new ByteArrayOutputStream();
        seal(weights(10), out);
        assertThatThrownBy(() ->
                        Opener.openInOrder(
                                mapped(out.toByteArray()),
                                10,
                                AAD,
                                key,
                                buffer,
                                _ -> {
                                    throw new IOException("full");
                                }))
                .isInstanceOf(IOException.class)
                .hasMessage("full");
    }

    private SealedFile seal(byte[] plaintext, ByteArrayOutputStream out) throws IOException {
        return new Sealer(RANDOM)
                .seal(
                        Channels.newChannel(new ByteArrayInputStream(plaintext)),
                        Channels.newChannel(out),
                        first,
                        AAD);
    }

    private SealedFile renew(byte[] sealed, int size, ByteArrayOutputStream out)
            throws IOException, SealedFormatException {
        int segments = new SegmentGeometry(size).segments();
        try (var stream = new Sealer(RANDOM).begin(Channels.newChannel(out), next, AAD)) {
            var result = new SealedFile[1];
            var seen = new int[1];
            Opener.openInOrder(
                    mapped(sealed),
                    size,
                    AAD,
                    key,
                    buffer,
                    plaintext -> {
                        if (++seen[0] < segments) {
                            stream.add(plaintext.asByteBuffer());
                        } else {
                            result[0] = stream.finish(plaintext.asByteBuffer());
                        }
                    });
            return result[0];
        }
    }

    private MemorySegment mapped(byte[] sealed) {
        return arena.allocate(Math.max(1, sealed.length))
                .asSlice(0, sealed.length)
                .copyFrom(MemorySegment.ofArray(sealed));
    }

    private static byte[] weights(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
