package dev.strongroom.serving.guard.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Several models of one owner on a node, and of another one. */
class NodeRatesTest {
    private static final Asker EVE = Asker.of("acme/consumer/eve", "acme", "192.0.2.1");
    private static final Asker EVE_ELSEWHERE = Asker.of("acme/consumer/eve", "acme", "192.0.2.2");
    private static final Asker DAN = Asker.of("acme/consumer/dan", "dan", "192.0.2.1");

    private final AtomicLong nanos = new AtomicLong();
    private final Ticks clock = new Ticks(nanos::get);
    private final NodeRates acme = new NodeRates(clock);

    /** A row a second, and so many at once. */
    private static OutputPolicy policy(int partner, int address) throws Exception {
        String standard = OutputPolicy.standard().canonical();
        String slow =
                standard.replace(
                        "\"rate\":{\"rowsPerSecond\":100000,\"burst\":400000},\"groupRate\"",
                        "\"rate\":{\"rowsPerSecond\":1,\"burst\":%d},\"groupRate\""
                                .formatted(partner));
        int network = slow.indexOf("\"network\"");
        return OutputPolicy.parse(
                (slow.substring(0, network)
                                + slow.substring(network)
                                        .replaceFirst(
                                                "\"rate\":\\{[^}]*",
                                                "\"rate\":{\"rowsPerSecond\":1,\"burst\":"
                                                        + address))
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Limits model(OutputPolicy policy, NodeRates rates) {
        return new Limits(
                policy,
                new Accounts(10, 10),
                new SharedLimits(rates),
                (_, _, wanted) ->
                        CompletableFuture.completedFuture(new Slice(wanted, Duration.ofDays(1))),
                () -> 1);
    }

    private static void ask(Limits model, OutputPolicy policy, Asker asker, long rows)
            throws RefusedException {
        Tier partner =
                policy.tiers().stream()
                        .filter(tier -> tier.name() == TierName.PARTNER)
                        .findFirst()
                        .orElseThrow();
        while (model.admit(asker, partner, rows).isPresent()) {
            // the day's slice is here at once
        }
    }

    private static void assertTooFast(
            Limits model, OutputPolicy policy, Asker asker, String whose) {
        assertThatThrownBy(() -> ask(model, policy, asker, 1))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> {
                            assertThat(refusal.reason()).isEqualTo("RATE_LIMITED");
                            assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(1));
                        })
                .hasMessageStartingWith(whose);
    }

    @Test
    void aCallerHasHisRateOnceHoweverManyModelsThereAre() throws Exception {
        OutputPolicy policy = policy(10, 1000);
        Limits one = model(policy, acme);
        Limits other = model(policy, acme);
        ask(one, policy, EVE, 6);
        ask(other, policy, EVE_ELSEWHERE, 4);
        assertTooFast(one, policy, EVE, "one caller at all models");
        assertTooFast(other, policy, EVE, "one caller at all models");
        ask(other, policy, DAN, 10);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        ask(other, policy, EVE, 1);
        assertTooFast(one, policy, EVE, "one caller at all models");
    }

    @Test
    void anAddressHasItsRateOnceHoweverManyModelsAndCallersThereAre() throws Exception {
        OutputPolicy policy = policy(10, 15);
        Limits one = model(policy, acme);
        Limits other = model(policy, acme);
        ask(one, policy, EVE, 9);
        ask(other, policy, DAN, 6);
        assertTooFast(other, policy, DAN, "callers from one address at all models");
        ask(other, policy, EVE_ELSEWHERE, 1);
    }

    @Test
    void anotherOwnersModelsHaveRatesOfTheirOwn() throws Exception {
        OutputPolicy policy = policy(10, 15);
        ask(model(policy, acme), policy, EVE, 10);
        ask(model(policy, new NodeRates(clock)), policy, EVE, 10);
    }

    @Test
    void theStrictestPolicyUnderWhichHeCalledCountsUntilOneIsRevised() throws Exception {
        OutputPolicy slow = policy(3, 1000);
        OutputPolicy fast = policy(20, 1000);
        Limits ofSlow = model(slow, acme);
        Limits ofFast = model(fast, acme);
        ask(ofFast, fast, EVE, 18); // he has not called the slow one yet
        ask(ofSlow, slow, EVE_ELSEWHERE, 2);
        assertTooFast(ofSlow, slow, EVE_ELSEWHERE, "one caller at all models");
        nanos.addAndGet(Duration.ofSeconds(100).toNanos());
        ask(ofSlow, slow, EVE, 1);
        assertThatThrownBy(() -> ask(ofFast, fast, EVE, 4))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo("TOO_MANY_ROWS"));
        acme.revise();
        ask(ofFast, fast, EVE, 2);
        assertTooFast(ofFast, fast, EVE, "one caller at all models"); // it gives nothing back
        nanos.addAndGet(Duration.ofSeconds(100).toNanos());
        ask(ofFast, fast, EVE, 20);
    }

    @Test
    void oneCallUnderAStricterPolicyHoldsNobodyToItOnceItsRowsCameBack() throws Exception {
        OutputPolicy slow = policy(100, 1);
        OutputPolicy fast = policy(100, 64);
        Limits ofSlow = model(slow, acme);
        Limits ofFast = model(fast, acme);
        ask(ofSlow, slow, EVE, 1);
        assertTooFast(ofFast, fast, DAN, "callers from one address at all models");
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        ask(ofFast, fast, DAN, 1);
        assertTooFast(ofFast, fast, DAN, "callers from one address at all models");
        nanos.addAndGet(Duration.ofSeconds(64).toNanos());
        ask(ofFast, fast, DAN, 64);
    }

    @Test
    void whatOneModelRefusesIsGivenBackToAll() throws Exception {
        OutputPolicy policy = policy(10, 5);
        Limits one = model(policy, acme);
        Limits other = model(policy, acme);
        ask(one, policy, EVE, 5);
        assertTooFast(one, policy, DAN, "callers from one address at all models");
        ask(other, policy, Asker.of("acme/consumer/dan", "dan", "192.0.2.9"), 5);
        ask(other, policy, Asker.of("acme/consumer/dan", "dan", "192.0.2.8"), 5);
    }

    @Test
    void whoFindsNoRoomIsNotForgottenForAnother() throws RefusedException {
        var rates = new StrictRates<String>(clock, 1);
        Rate rate = new Rate(1, 5);
        RowBucket spent = rates.of("a", rate).orElseThrow();
        spent.take(1, "a");
        assertThat(rates.of("b", rate)).isEqualTo(Optional.empty());
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(rates.of("b", rate)).isPresent();
    }
}
