package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeldBytesTest {
    private static final long MIB = 1 << 20;
    private static final long FRAME = 64 << 10;

    @ParameterizedTest
    @CsvSource({ // MiB of the heap and of a message; KiB of an account and of one identity's share
        "1024, 64, 131072, 65600", // one identity's largest message, and little less of another's
        "1026, 64, 131328, 65664", // two identities' largest
        "971, 64, 124288, 65600", // what the parallel collector leaves of 1 GiB
        "4096, 64, 262400, 131200", // four of the largest
        "262144, 64, 262400, 131200",
        "1024, 1, 4352, 2176",
        "513, 64, 65664, 65600",
        "9, 1, 1152, 1088",
    })
    void accountsTakeHalfOfTheHeapAtMostAndEachHasRoomForALargestMessage(
            long heap, long message, long account, long share) {
        HeldBytes held = HeldBytes.of(heap * MIB, message * MIB + FRAME, 1);

        assertThat(held).isEqualTo(new HeldBytes(account << 10, account << 10, share << 10));
        assertThat(4 * held.bytes()).isLessThanOrEqualTo(heap * MIB / 2);
    }

    @ParameterizedTest
    @CsvSource({"512, 64", "1024, 128", "256, 64", "1, 1"})
    void aHeapWithoutRoomForALargestMessageInEachIsRefused(long heap, long message) {
        assertThatThrownBy(() -> HeldBytes.of(heap * MIB, message * MIB + FRAME, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected messages of at most %d bytes", heap * MIB / 8)
                .hasMessageContaining("a heap of %d bytes", heap * MIB)
                .hasMessageContaining("got %d", message * MIB + FRAME, 1)
                .hasMessageContaining("-Xmx");
    }

    @Test
    void theHeapThatARefusalNamesIsEnoughAlsoForTheParallelCollectorsOwnPart() {
        assertThatThrownBy(() -> HeldBytes.of(256 * MIB, 64 * MIB, 1))
                .hasMessageContaining("-Xmx576m");

        assertThat(HeldBytes.of(576 * MIB * 8 / 9, 64 * MIB, 1).bytes()).isEqualTo(64 * MIB);
    }

    @Test
    void eachOfEightTenantsHasRoomForTwoOfTheLargestWhereTheHeapHas() {
        HeldBytes held = HeldBytes.of(2048 * MIB, MIB, 8);

        assertThat(held).isEqualTo(new HeldBytes(16 * MIB, 2 * MIB, MIB));
        assertThat(HeldBytes.of(64 * MIB, MIB, 8)).isEqualTo(new HeldBytes(8 * MIB, MIB, MIB));
    }

    @Test
    void oneIdentityHasItsShareAndAnotherTheRest() {
        Shares account = HeldBytes.of(1024 * MIB, 64 * MIB + FRAME, 1).account();

        assertThat(account.take("a", 64 * MIB + FRAME)).isTrue();
        assertThat(account.take("a", 1)).isFalse();
        assertThat(account.take("b", 64 * MIB + FRAME)).isFalse();
        assertThat(account.take("b", 64 * MIB - FRAME)).isTrue();
        assertThat(account.take("c", 1)).isFalse();
    }
}
