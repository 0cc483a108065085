package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.Hmac;
import dev.strongroom.crypto.seal.TinkStreaming;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenerTest {
    private static final byte[] AAD = "identity".getBytes(StandardCharsets.UTF_8);
    private static final byte[] IKM = random(32, 7);
    private static final int SEGMENT = 1024 * 1024;

    private final ContentKey key = new ContentKey(IKM, Derivation.digestRoot(IKM));
    private final Arena arena = Arena.ofShared();

    @AfterEach
    @AfterTry
    void close() {
        key.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 2, 1048519, 1048520, 1048521, 1048559, 1048560, 1048561, 2097079, 2097080,
                2097081, 5_000_000
            })
    void opensWhatTinkSeals(int size) throws SealedFormatException {
        byte[] plaintext = random(size, size);
        byte[] sealed = TinkStreaming.seal(IKM, plaintext, AAD);
        assertThat(open(sealed, size, AAD)).isEqualTo(plaintext);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 33, 39, 40, 500, 55, 56, SEGMENT - 1, SEGMENT, 2 * SEGMENT})
    void refusesAFlippedByte(int at) {
        assertRefused(
                2_500_000,
                sealed -> {
                    sealed[at] ^= 1;
                    return sealed;
                },
                "segment " + at / SEGMENT);
    }

    @Test
    void refusesATruncatedFile() {
        assertRefused(2_500_000, sealed -> Arrays.copyOf(sealed, sealed.length - 1), "segment 2");
        assertRefused(2_500_000, sealed -> Arrays.copyOf(sealed, 2 * SEGMENT), "segment 2");
        assertRefused(2_500_000, sealed -> Arrays.copyOf(sealed, 20), "segment 0");
        assertRefused(2_500_000, sealed -> new byte[0], "segment 0");
    }

    @Test
    void refusesAWholeSegmentLessEvenWhenTheStatementAgrees() {
        // As if the manifest had been made for the torso: sizes fit, the last flag does not.
        byte[] sealed = TinkStreaming.seal(IKM, random(2 * SEGMENT - 72, 1), AAD);
        byte[] torso = Arrays.copyOf(sealed, SEGMENT);
        assertThatThrownBy(() -> open(torso, 1048520, AAD))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("segment 0");
    }

    @Test
    void refusesExtraBytes() {
        assertRefused(2_500_000, sealed -> Arrays.copyOf(sealed, sealed.length + 1), "expected");
    }

    @Test
    void refusesReorderedSegments() {
        assertRefused(
                4 * SEGMENT,
                sealed -> {
                    byte[] second = Arrays.copyOfRange(sealed, SEGMENT, 2 * SEGMENT);
                    System.arraycopy(sealed, 2 * SEGMENT, sealed, SEGMENT, SEGMENT);
                    System.arraycopy(second, 0, sealed, 2 * SEGMENT, SEGMENT);
                    return sealed;
                },
                "segment 1");
    }

    @Test
    void refusesASegmentOfAnotherFileUnderTheSameKey() {
        byte[] other = TinkStreaming.seal(IKM, random(4 * SEGMENT, 2), AAD);
        assertRefused(
                4 * SEGMENT,
                sealed -> {
                    System.arraycopy(other, SEGMENT, sealed, SEGMENT, SEGMENT);
                    return sealed;
                },
                "segment 1");
    }

    @Test
    void refusesAnotherIdentity() {
        byte[] sealed = TinkStreaming.seal(IKM, random(100, 1), AAD);
        assertThatThrownBy(() -> open(sealed, 100, "other".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("segment 0");
    }

    @Test
    void refusesAnotherKey() {
        byte[] sealed = TinkStreaming.seal(random(32, 8), random(100, 1), AAD);
        assertThatThrownBy(() -> open(sealed, 100, AAD)).isInstanceOf(SealedFormatException.class);
    }

    @Test
    void zeroesTheDestinationWhenOneSegmentIsBad() {
        byte[] sealed = TinkStreaming.seal(IKM, random(4 * SEGMENT, 3), AAD);
        sealed[3 * SEGMENT + 5] ^= 1;
        MemorySegment destination = arena.allocate(4 * SEGMENT).fill((byte) 1);
        assertThatThrownBy(() -> Opener.open(mapped(sealed), 4 * SEGMENT, AAD, key, destination, 2))
                .isInstanceOf(SealedFormatException.class);
        assertThat(destination.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    @Test
    void refusesMemoryOfTheHeap() {
        byte[] sealed = TinkStreaming.seal(IKM, new byte[10], AAD);
        MemorySegment heap = MemorySegment.ofArray(new byte[10]);
        assertThatThrownBy(() -> Opener.open(mapped(sealed), 10, AAD, key, heap, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native");
        MemorySegment heapSource = MemorySegment.ofArray(sealed);
        MemorySegment destination = arena.allocate(10);
        assertThatThrownBy(() -> Opener.open(heapSource, 10, AAD, key, destination, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesADestinationOfAnotherSize() {
        byte[] sealed = TinkStreaming.seal(IKM, new byte[10], AAD);
        MemorySegment destination = arena.allocate(11);
        assertThatThrownBy(() -> Opener.open(mapped(sealed), 10, AAD, key, destination, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAClosedKey() {
        byte[] sealed = TinkStreaming.seal(IKM, new byte[10], AAD);
        MemorySegment destination = arena.allocate(10);
        key.close();
        key.close();
        assertThatThrownBy(() -> Opener.open(mapped(sealed), 10, AAD, key, destination, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void checksTheOwnersPlaintextDigest() throws SealedFormatException {
        byte[] plaintext = random(3 * SEGMENT + 5, 4);
        byte[] digest;
        try (var hmac = new Hmac(Derivation.plaintextDigestKey(Derivation.digestRoot(IKM), AAD))) {
            digest = hmac.update(plaintext).finish();
        }
        MemorySegment opened = mapped(plaintext);
        Opener.requireDigest(opened, new FileEntry("w", plaintext.length, digest), AAD, key);
        digest[0] ^= 1;
        var other = new FileEntry("w", plaintext.length, digest);
        assertThatThrownBy(() -> Opener.requireDigest(opened, other, AAD, key))
                .isInstanceOf(SealedFormatException.class);
    }

    @Property(tries = 60)
    void everyFlippedBitIsRefused(
            @ForAll @IntRange(max = 70_000) int size, @ForAll @IntRange int position) {
        byte[] plaintext = random(size, size);
        byte[] sealed = TinkStreaming.seal(IKM, plaintext, AAD);
        int bit = Math.floorMod(position, sealed.length * 8);
        sealed[bit / 8] ^= (byte) (1 << (bit % 8));
        try (var own = new ContentKey(IKM, Derivation.digestRoot(IKM));
                Arena memory = Arena.ofConfined()) {
            MemorySegment source =
                    memory.allocate(sealed.length).copyFrom(MemorySegment.ofArray(sealed));
            MemorySegment destination = memory.allocate(size);
            assertThatThrownBy(() -> Opener.open(source, size, AAD, own, destination, 1))
                    .isInstanceOf(SealedFormatException.class);
        }
    }

    private void assertRefused(int size, UnaryOperator<byte[]> attack, String message) {
        byte[] sealed = TinkStreaming.seal(IKM, random(size, size), AAD);
        byte[] attacked = attack.apply(sealed);
        assertThatThrownBy(() -> open(attacked, size, AAD))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(message);
    }

    private byte[] open(byte[] sealed, int size, byte[] aad) throws SealedFormatException {
        MemorySegment destination = arena.allocate(size);
        Opener.open(mapped(sealed), size, aad, key, destination, 2);
        return destination.toArray(ValueLayout.JAVA_BYTE);
    }

    private MemorySegment mapped(byte[] bytes) {
        return arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
