package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharesTest {
    private final Shares shares = Shares.halves(10, 1);

    @Test
    void nobodyTakesMoreThanHalfAndAllTogetherNoMoreThanThereIs() {
        assertThat(shares.take("a", 5)).isTrue();
        assertThat(shares.take("a", 1)).isFalse();
        assertThat(shares.take("b", 4)).isTrue();
        assertThat(shares.take("c", 2)).isFalse();
        assertThat(shares.take("c", 1)).isTrue();
    }

    @Test
    void oneTenantsIdentitiesTogetherLeaveTheOthersTheirParts() {
        Shares parts = Shares.halves(12, 3);
        assertThat(parts.take("a/consumer/x", 2)).isTrue();
        assertThat(parts.take("a/consumer/x", 1)).isFalse();
        assertThat(parts.take("a/consumer/y", 2)).isTrue();
        assertThat(parts.take("a/consumer/z", 1)).isFalse();
        assertThat(parts.take("b/consumer/x", 2)).isTrue();
        parts.give("a/consumer/x", 1);
        assertThat(parts.take("a/consumer/z", 1)).isTrue();
        assertThat(parts.take("a/consumer/x", 1)).isFalse();
    }

    @Test
    void eachTenantHasSomethingOfWhateverLittleThereIs() {
        Shares parts = Shares.halves(1, 2);
        assertThat(parts.take("a/consumer/x", 1)).isTrue();
        assertThat(parts.take("a/consumer/y", 1)).isFalse();
        assertThat(parts.take("b/consumer/x", 1)).isTrue();
    }

    @Test
    void whatIsGivenBackIsThereAgain() {
        assertThat(shares.take("a", 5)).isTrue();
        shares.give("a", 5);
        assertThat(shares.take("a", 5)).isTrue();
        assertThat(shares.take("b", 5)).isTrue();
        assertThat(shares.take("c", 0)).as("nothing is always there").isTrue();
    }
}
