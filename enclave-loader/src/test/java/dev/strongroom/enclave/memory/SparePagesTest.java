package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.libc.Libc;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparePagesTest {
    private static final long PAGE = ProtectedRegion.PAGE_BYTES;
    private static final long ADDRESS = 1L << 40; // nothing looks there

    private final List<Long> unmapped = new ArrayList<>();
    private final SparePages spare = new SparePages((address, _) -> unmapped.add(address));

    @Test
    void givesTheSmallestThatFitsAndKeepsItsRest() {
        spare.keep(ADDRESS, 8 * PAGE);
        spare.keep(ADDRESS + 100 * PAGE, 4 * PAGE);
        assertThat(spare.take(3 * PAGE)).hasValue(ADDRESS + 100 * PAGE);
        assertThat(spare.take(PAGE)).hasValue(ADDRESS + 103 * PAGE);
        assertThat(spare.take(8 * PAGE)).hasValue(ADDRESS);
        assertThat(spare.take(PAGE)).isEmpty();
    }

    @Test
    void neighboursAreOneRange() {
        spare.keep(ADDRESS, PAGE);
        spare.keep(ADDRESS + 2 * PAGE, PAGE);
        assertThat(spare.take(3 * PAGE)).isEmpty();
        spare.keep(ADDRESS + PAGE, PAGE);
        assertThat(spare.take(3 * PAGE)).hasValue(ADDRESS);
    }

    @Test
    void givesBackAllOfThemOnce() {
        spare.keep(ADDRESS, PAGE);
        spare.keep(ADDRESS + 2 * PAGE, PAGE);
        spare.giveBack();
        spare.giveBack();
        assertThat(unmapped).containsExactly(ADDRESS, ADDRESS + 2 * PAGE);
        assertThat(spare.take(PAGE)).isEmpty();
    }

    @Test
    void whatTheKernelMayHaveTakenIsGivenToNobody() {
        var failing =
                new SparePages((address, bytes) -> {
                    unmapped.add(address);
                    if (unmapped.size() == 2) {
                        Libc.munmap(1, bytes); // no page begins there
                    }
                });
        for (int i = 0; i < 3; i++) {
            failing.keep(ADDRESS + 2L * i * PAGE, PAGE);
        }
        assertThatThrownBy(failing::giveBack)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("munmap");
        assertThat(unmapped).containsExactly(ADDRESS, ADDRESS + 2 * PAGE);
        assertThat(failing.take(PAGE)).as("still mapped").hasValue(ADDRESS + 4 * PAGE);
        assertThat(failing.take(PAGE)).isEmpty();
    }
}
