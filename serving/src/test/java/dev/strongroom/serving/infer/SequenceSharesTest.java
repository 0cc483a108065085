package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.SequenceShares.Part;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceSharesTest {
    private static final GenerationLimits LIMITS =
            new GenerationLimits(1000, 8, 64, Duration.ofMinutes(1));

    private final Shares requests = Shares.halves(100, 1);
    private final SequenceShares shares = new SequenceShares(LIMITS, 1, requests);

    @Test
    void oneCallerLeavesOthersHalfOfTheCache() throws Exception {
        shares.take(new Part("eve", 500, 1));
        assertRefused(new Part("eve", 1, 1), "CACHE_FULL");
        shares.take(new Part("bob", 500, 1));
    }

    @Test
    void requestsOfSequencesCountAmongAllThatAreKept() throws Exception {
        assertThat(requests.take("eve", 45)).as("of one that is no sequence").isTrue();
        shares.take(new Part("eve", 1, 5));
        assertRefused(new Part("eve", 1, 1), "OVERLOADED");
        shares.take(new Part("bob", 1, 50));
    }

    @Test
    void whatIsRefusedTakesNothingAndWhatEndsGivesAllBack() throws Exception {
        for (int round = 0; round < 20; round++) {
            assertRefused(new Part("eve", 501, 1), "CACHE_FULL");
            assertRefused(new Part("eve", 1, 51), "OVERLOADED");
        }
        var whole = new Part("eve", 500, 50);
        shares.take(whole);
        shares.give(whole);
        shares.take(whole);
    }

    @Test
    void whatFitsInNobodysShareIsRefusedForGood() {
        assertThatThrownBy(() -> shares.requireFits(new Part("eve", 501, 1)))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo("SEQUENCE_TOO_LONG"));
    }

    @Test
    void oneTenantLeavesOthersTheirPartOfTheCacheAndThePlaces() throws Exception {
        var parts = new SequenceShares(LIMITS, 2, Shares.halves(100, 2));
        for (String name : List.of("a/consumer/eve", "a/consumer/eva")) {
            parts.take(new Part(name, 125, 1));
            parts.take(new Part(name, 125, 1));
            assertRefused(parts, new Part(name, 1, 1), "OVERLOADED");
        }
        assertRefused(parts, new Part("a/consumer/ann", 1, 1), "OVERLOADED");
        parts.take(new Part("b/consumer/bob", 250, 25));
        assertRefused(parts, new Part("b/consumer/bob", 1, 1), "CACHE_FULL");
        parts.take(new Part("b/consumer/ben", 250, 25));
    }

    private void assertRefused(Part part, String reason) {
        assertRefused(shares, part, reason);
    }

    private static void assertRefused(SequenceShares of, Part part, String reason) {
        assertThatThrownBy(() -> of.take(part))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }
}
