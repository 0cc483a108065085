package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a computation writes beyond its memory is kept from others as the heap is. */
class OverflowTest {
    private static final long BYTES = 200L << 20;
    private static final long SAME_PAGES = 64L << 20;

    @ParameterizedTest
    @EnumSource
    void givesAddressesOverTheSameLockedPages(Protection protection) throws Exception {
        var overflow = new Overflow(protection);
        long address = overflow.allocate(BYTES).orElseThrow();
        MemorySegment block = memory(address);
        block.set(ValueLayout.JAVA_BYTE, 17, (byte) 0x5a);

        assertThat(block.get(ValueLayout.JAVA_BYTE, SAME_PAGES + 17)).isEqualTo((byte) 0x5a);
        assertThat(SecretSegmentTest.kernelFlags(address)).contains("lo", "dd", "dc");
        assertThat(overflow.free(address)).isTrue();
        assertThat(overflow.free(address)).isFalse();
    }

    @Test
    void secretPagesCannotBeReadThroughTheKernel() throws Exception {
        var overflow = new Overflow(Protection.SECRET);
        long address = overflow.allocate(BYTES).orElseThrow();
        memory(address).fill((byte) 0x5a);
        try (var self = new RandomAccessFile("/proc/self/mem", "r")) {
            for (long at : new long[] {address, address + SAME_PAGES}) {
                self.seek(at);
                assertThatThrownBy(self::read).isInstanceOf(IOException.class);
            }
        } finally {
            overflow.free(address);
        }
    }

    @Test
    void answersNothingWhenAddressesRunOut() {
        assertThat(new Overflow(Protection.LOCKED).allocate(1L << 42)).isEmpty();
    }

    @SuppressWarnings("restricted") // of a block that was just given out
    private static MemorySegment memory(long address) {
        return MemorySegment.ofAddress(address).reinterpret(BYTES);
    }
}
