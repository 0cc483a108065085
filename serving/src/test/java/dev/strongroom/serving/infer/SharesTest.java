package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharesTest {
    private final Shares shares = Shares.halves(10);

    @Test
    void nobodyTakesMoreThanHalfAndAllTogetherNoMoreThanThereIs() {
        assertThat(shares.take("a", 5)).isTrue();
        assertThat(shares.take("a", 1)).isFalse();
        assertThat(shares.take("b", 4)).isTrue();
        assertThat(shares.take("c", 2)).isFalse();
        assertThat(shares.take("c", 1)).isTrue();
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
