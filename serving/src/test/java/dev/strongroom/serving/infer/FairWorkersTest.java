package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FairWorkersTest {
    @Test
    void oneTenantAloneHasAllWorkers() {
        var fair = new FairWorkers(1);
        fair.begin("a");
        assertThat(fair.atHand("a", 3)).isEqualTo(3);
    }

    @Test
    void whoRunsNothingIsLeftAWorker() {
        var fair = new FairWorkers(3); // and four workers
        assertThat(fair.atHand("a", 4)).isEqualTo(2);
        fair.begin("a");
        assertThat(fair.atHand("a", 3)).isEqualTo(1);
        fair.begin("a");
        assertThat(fair.atHand("a", 2)).isZero();
        assertThat(fair.atHand("b", 2)).isEqualTo(1);
        fair.begin("b");
        assertThat(fair.atHand("b", 1)).isZero();
        assertThat(fair.atHand("c", 1)).isEqualTo(1);
        fair.begin("c");
        fair.end("a");
        assertThat(fair.atHand("b", 1)).as("all run something").isEqualTo(1);
    }

    @Test
    void withFewerWorkersThanTenantsEachHasOneAtATime() {
        var fair = new FairWorkers(3); // and two workers
        fair.begin("a");
        assertThat(fair.atHand("a", 1)).isZero();
        assertThat(fair.atHand("b", 1)).isEqualTo(1);
    }

    @Test
    void whoBeganARunLongestAgoIsFirst() {
        var fair = new FairWorkers(2);
        fair.begin("a");
        assertThat(fair.before("b", "a")).isTrue();
        fair.begin("b");
        assertThat(fair.before("a", "b")).isTrue();
        assertThat(fair.before("a", "a")).isFalse();
    }
}
