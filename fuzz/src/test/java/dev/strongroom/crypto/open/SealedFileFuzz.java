package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.TestSecrets;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Header, geometry and segment of a sealed file; nothing but what was sealed opens. */
class SealedFileFuzz {
    private static final byte[] IDENTITY = {1, 2, 3};
    private static final int PLAINTEXT_BYTES = 100;
    private static final byte[] IKM = new byte[Derivation.KEY_BYTES];
    private static final byte[] SEALED = seal();

    static List<byte[]> seeds() {
        return List.of(SEALED);
    }

    @MethodSource("seeds")
    @Fuzzed
    void opensWhatWasSealedOnly(byte[] input) throws Exception {
        var opened = Hostile.read(input, SealedFormatException.class, SealedFileFuzz::open);
        assertThat(opened.isPresent()).isEqualTo(java.util.Arrays.equals(input, SEALED));
    }

    private static byte[] open(byte[] sealed) throws SealedFormatException {
        try (var arena = Arena.ofShared();
                var key = new ContentKey(IKM, Derivation.digestRoot(IKM))) {
            MemorySegment file =
                    arena.allocate(Math.max(1, sealed.length)).asSlice(0, sealed.length);
            MemorySegment.copy(sealed, 0, file, ValueLayout.JAVA_BYTE, 0, sealed.length);
            MemorySegment destination = arena.allocate(PLAINTEXT_BYTES);
            Opener.open(file, PLAINTEXT_BYTES, IDENTITY, key, destination, 1);
            return destination.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static byte[] seal() {
        try (var secrets = VersionSecrets.generate(new SecureRandom())) {
            System.arraycopy(TestSecrets.contentKey(secrets), 0, IKM, 0, IKM.length);
            var sealed = new ByteArrayOutputStream();
            new Sealer(new SecureRandom())
                    .seal(
                            Channels.newChannel(
                                    new ByteArrayInputStream(new byte[PLAINTEXT_BYTES])),
                            Channels.newChannel(sealed),
                            secrets,
                            IDENTITY);
            return sealed.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
