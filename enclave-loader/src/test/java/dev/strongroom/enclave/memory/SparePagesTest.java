package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparePagesTest {
    private static final long PAGE = ProtectedRegion.PAGE_BYTES;
    private static final long ADDRESS = 1L << 40; // nothing looks there

    private final SparePages spare = new SparePages();

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
}
