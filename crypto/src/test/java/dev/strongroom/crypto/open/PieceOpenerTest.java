package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.seal.TinkStreaming;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PieceOpenerTest {
    private static final byte[] AAD = "identity".getBytes(StandardCharsets.UTF_8);
    private static final byte[] IKM = random(32, 7);
    private static final int SEGMENT = 1024 * 1024;

    /** However a file is cut, and with however many threads. */
    @Property(tries = 40)
    void anyPiecesGiveTheFile(
            @ForAll @IntRange(max = 5 * SEGMENT) int size,
            @ForAll @Size(5) List<@IntRange(min = 1, max = 3) Integer> segments,
            @ForAll @IntRange(min = 1, max = 3) int threads)
            throws SealedFormatException {
        byte[] plaintext = random(size, size);
        byte[] sealed = TinkStreaming.seal(IKM, plaintext, AAD);
        try (var key = key();
                var arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(size);
            var opener = new PieceOpener(sealed.length, size, AAD, key, destination, threads);
            int at = 0;
            for (int length : segments) {
                int end = Math.min(sealed.length, at + length * SEGMENT);
                if (at < end) {
                    opener.open(piece(arena, sealed, at, end));
                }
                at = end;
            }
            if (at < sealed.length) {
                opener.open(piece(arena, sealed, at, sealed.length));
            }
            opener.requireComplete();
            assertThat(destination.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(plaintext);
        }
    }

    @Test
    void aBadPieceTakesTheGoodOnesWithIt() throws SealedFormatException {
        byte[] sealed = TinkStreaming.seal(IKM, random(4 * SEGMENT, 1), AAD);
        sealed[3 * SEGMENT + 5] ^= 1;
        try (var key = key();
                var arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(4 * SEGMENT);
            var opener = new PieceOpener(sealed.length, 4 * SEGMENT, AAD, key, destination, 2);
            opener.open(piece(arena, sealed, 0, 3 * SEGMENT));
            assertThat(destination.get(ValueLayout.JAVA_LONG_UNALIGNED, SEGMENT)).isNotZero();
            assertThatThrownBy(() -> opener.open(piece(arena, sealed, 3 * SEGMENT, sealed.length)))
                    .isInstanceOf(SealedFormatException.class)
                    .hasMessageContaining("segment 3");
            assertThat(destination.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            sealed[3 * SEGMENT + 5] ^= 1;
            assertThatThrownBy(() -> opener.open(piece(arena, sealed, 3 * SEGMENT, sealed.length)))
                    .as("the right one afterwards")
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(opener::requireComplete).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void piecesOfAnotherPlaceAreNotOpened() throws SealedFormatException {
        byte[] sealed = TinkStreaming.seal(IKM, random(4 * SEGMENT, 1), AAD);
        try (var key = key();
                var arena = Arena.ofShared()) {
            var opener =
                    new PieceOpener(
                            sealed.length, 4 * SEGMENT, AAD, key, arena.allocate(4 * SEGMENT), 2);
            opener.open(piece(arena, sealed, 0, SEGMENT));
            assertThatThrownBy(() -> opener.open(piece(arena, sealed, 2 * SEGMENT, 3 * SEGMENT)))
                    .isInstanceOf(SealedFormatException.class)
                    .hasMessageContaining("segment 1");
        }
    }

    @Test
    void aFileIsCompleteOnlyWithItsLastSegment() throws SealedFormatException {
        byte[] sealed = TinkStreaming.seal(IKM, random(4 * SEGMENT, 1), AAD);
        try (var key = key();
                var arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(4 * SEGMENT);
            var opener = new PieceOpener(sealed.length, 4 * SEGMENT, AAD, key, destination, 2);
            opener.open(piece(arena, sealed, 0, 4 * SEGMENT));
            assertThatThrownBy(opener::requireComplete)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("4 of 5");
            assertThat(destination.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void refusesAFileOfAnotherSizeAndPiecesThatAreNoSegments() throws SealedFormatException {
        byte[] sealed = TinkStreaming.seal(IKM, random(2 * SEGMENT, 1), AAD);
        try (var key = key();
                var arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(2 * SEGMENT);
            for (int wrong : new int[] {-1, 1, SEGMENT}) {
                assertThatThrownBy(() ->
                                new PieceOpener(
                                        sealed.length + wrong,
                                        2 * SEGMENT,
                                        AAD,
                                        key,
                                        destination,
                                        1))
                        .isInstanceOf(SealedFormatException.class);
            }
            for (int end : new int[] {0, 20, SEGMENT - 1, SEGMENT + 1, sealed.length - 1}) {
                var opener = new PieceOpener(sealed.length, 2 * SEGMENT, AAD, key, destination, 1);
                assertThatThrownBy(() -> opener.open(piece(arena, sealed, 0, end)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("whole segments");
            }
        }
    }

    private static ContentKey key() {
        return new ContentKey(IKM, Derivation.digestRoot(IKM));
    }

    private static MemorySegment piece(Arena arena, byte[] sealed, int from, int end) {
        return arena.allocate(end - from)
                .copyFrom(MemorySegment.ofArray(sealed).asSlice(from, end - from));
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
