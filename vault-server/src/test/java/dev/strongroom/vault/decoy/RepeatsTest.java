package dev.strongroom.vault.decoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.TestClock;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.Visitor;
import dev.strongroom.vault.decoy.Touch.Word;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Somebody who calls from everywhere fills neither the log nor the vault's memory. */
class RepeatsTest {
    private static final Decoy DECOY =
            Decoy.of(DecoyKind.MODEL, "acme/flagship", "acme/flagship", new byte[16]);

    private final TestClock clock = new TestClock();
    private final Repeats repeats = new Repeats(clock);

    @Test
    void aTouchIsNewsOnceFromEachOfThirtyTwoAddressesInTenMinutes() {
        assertThat(told("eve", 0, 1000)).isEqualTo(32);
        assertThat(told("eve", 0, 1000)).isZero();
        assertThat(told("bob", 0, 3)).as("somebody else").isEqualTo(3);
        clock.advance(Duration.ofMinutes(10));
        assertThat(told("eve", 5000, 6000)).isEqualTo(32);
    }

    @Test
    void whatNodesSayTakesNothingOfWhatTheVaultSees() {
        long heard =
                IntStream.range(0, 1000)
                        .filter(at -> repeats.isNews(touch("eve", at, Word.HEARSAY)))
                        .count();
        assertThat(heard).isEqualTo(32);
        assertThat(told("eve", 0, 1000)).isEqualTo(32);
    }

    @Test
    void tenThousandIdentitiesAreRememberedAndOneMoreIsNoNewsUntilTheFirstAreForgotten() {
        for (int each = 0; each < 10_000; each++) {
            assertThat(told("e" + each, 0, 1)).isEqualTo(1);
        }
        assertThat(told("late", 0, 1)).isZero();
        clock.advance(Duration.ofMinutes(10));
        assertThat(told("late", 0, 1)).isEqualTo(1);
    }

    private long told(String name, int from, int to) {
        return IntStream.range(from, to)
                .filter(at -> repeats.isNews(touch(name, at, Word.OWN)))
                .count();
    }

    private static Touch touch(String name, int at, Word word) {
        Principal who = Principal.ofUri("spiffe://strongroom/acme/consumer/" + name).orElseThrow();
        Digest key = Digest.sha256(new byte[] {1});
        String address = "10.%d.%d.%d".formatted(at >> 16, at >> 8 & 255, at & 255);
        return new Touch(new Visitor(who, key, address, "a.B/C" + at), DECOY, word);
    }
}
