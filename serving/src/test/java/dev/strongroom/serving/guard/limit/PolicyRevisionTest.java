package dev.strongroom.serving.guard.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A revision of the policy gives nobody rows back, and what it lowers counts at once. */
class PolicyRevisionTest {
    private static final String STANDARD = OutputPolicy.standard().canonical();
    private static final Asker EVE = Asker.of("acme/consumer/eve", "acme", "192.0.2.1");
    private static final Asker BOB = Asker.of("acme/consumer/bob", "acme", "192.0.2.1");

    private final AtomicLong nanos = new AtomicLong();
    private final Accounts accounts = new Accounts(10, 10);
    private final SharedLimits shared = new SharedLimits(new Ticks(nanos::get));
    private final Map<String, Long> given = new HashMap<>();

    @Test
    void capsOfBootAndLeaseGoOn() throws Exception {
        String capped = STANDARD.replace("\"rowsPerBoot\":1000000000", "\"rowsPerBoot\":100");
        admit(EVE, capped, 60);
        assertThatThrownBy(() -> admit(BOB, capped + " ", 41))
                .hasMessageContaining("100 rows a boot");
        admit(BOB, capped + " ", 40);
        assertRefused(EVE, capped.replace("PerBoot\":100", "PerBoot\":50"), 1, "CAP_REACHED");
        admit(EVE, capped.replace("PerBoot\":100", "PerBoot\":101"), 1);
    }

    @Test
    void ratesOfGroupsGoOnAndLowerOnesCountAtOnce() throws Exception {
        String slow =
                partner("\"groupRate\":{\"rowsPerSecond\":200000,\"burst\":800000}", group(100));
        admit(EVE, slow, 100);
        assertRefused(BOB, slow + " ", 1, "RATE_LIMITED");
        String faster =
                partner("\"groupRate\":{\"rowsPerSecond\":200000,\"burst\":800000}", group(500));
        assertRefused(BOB, faster, 1, "RATE_LIMITED");
        nanos.addAndGet(Duration.ofSeconds(200).toNanos());
        assertRefused(BOB, slow, 101, "TOO_MANY_ROWS");
        admit(BOB, slow, 100);
    }

    @Test
    void ratesOfAddressesGoOn() throws Exception {
        int network = STANDARD.indexOf("\"network\"");
        String slow =
                STANDARD.substring(0, network)
                        + STANDARD.substring(network)
                                .replaceFirst(
                                        "\"rate\":\\{[^}]*",
                                        "\"rate\":{\"rowsPerSecond\":1,\"burst\":50");
        admit(EVE, slow, 50);
        assertRefused(BOB, slow + " ", 1, "RATE_LIMITED");
        assertRefused(BOB, STANDARD, 10, "RATE_LIMITED");
    }

    @Test
    void whoIsMovedToAnotherTierFindsHisGroupsRateAsItWas() throws Exception {
        String slow =
                partner("\"groupRate\":{\"rowsPerSecond\":200000,\"burst\":800000}", group(100));
        admit(EVE, slow, 100);
        OutputPolicy policy = parse(slow);
        Tier trusted =
                policy.tiers().stream()
                        .filter(tier -> tier.name() == TierName.TRUSTED)
                        .findFirst()
                        .orElseThrow();
        assertThatThrownBy(() -> limits(policy).admit(EVE, trusted, 1).orElseThrow())
                .isInstanceOf(RefusedException.class);
    }

    /** A slice of a larger day is on this node still when the owner makes days smaller. */
    @Test
    void aSmallerDayCountsAtOnce() throws Exception {
        admit(EVE, STANDARD, 300);
        String small = partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":200");
        assertRefused(EVE, small, 1, "DAY_BUDGET");
        admit(EVE, STANDARD, 1);
    }

    private static String group(long burst) {
        return "\"groupRate\":{\"rowsPerSecond\":1,\"burst\":" + burst + "}";
    }

    /** The standard policy with another rule for consumers. */
    private static String partner(String from, String to) {
        int at = STANDARD.indexOf(from, STANDARD.indexOf("\"tier\":\"partner\""));
        return STANDARD.substring(0, at) + to + STANDARD.substring(at + from.length());
    }

    private void admit(Asker asker, String json, long rows) throws Exception {
        OutputPolicy policy = parse(json);
        Tier partner =
                policy.tiers().stream()
                        .filter(tier -> tier.name() == TierName.PARTNER)
                        .findFirst()
                        .orElseThrow();
        while (limits(policy).admit(asker, partner, rows).isPresent()) {
            // the day's slice is here at once
        }
    }

    private Limits limits(OutputPolicy policy) {
        return new Limits(policy, accounts, shared, this::slice, () -> 1);
    }

    private static OutputPolicy parse(String json) throws Exception {
        return OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /** What the vault does, without one. */
    private CompletableFuture<Slice> slice(String identity, long perDay, long wanted) {
        long before = given.getOrDefault(identity, 0L);
        long rows = Math.clamp(perDay - before, 0, wanted);
        given.put(identity, before + rows);
        return CompletableFuture.completedFuture(new Slice(rows, Duration.ofDays(1)));
    }

    private void assertRefused(Asker asker, String json, long rows, String reason) {
        assertThatThrownBy(() -> admit(asker, json, rows))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }
}
