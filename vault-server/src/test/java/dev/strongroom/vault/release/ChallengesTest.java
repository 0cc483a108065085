package dev.strongroom.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.vault.TestClock;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChallengesTest {
    private final TestClock clock = new TestClock();
    private final Challenges challenges = new Challenges(7, clock, new SecureRandom());

    @Test
    void knowsANonceOnlyForWhoAsked() throws Exception {
        byte[] nonce = challenges.issue("alice").nonce();
        assertThat(challenges.find("alice", nonce)).isPresent();
        assertThat(challenges.find("bob", nonce)).isEmpty();
        challenges.forget(nonce);
        assertThat(challenges.find("alice", nonce)).isEmpty();
    }

    @Test
    void carriesTheBootEpoch() throws Exception {
        byte[] nonce = challenges.issue("alice").nonce();
        assertThat(challenges.isOfThisBoot(nonce)).isTrue();
        assertThat(new Challenges(8, clock, new SecureRandom()).isOfThisBoot(nonce)).isFalse();
    }

    @Test
    void keepsRoomForOthersAndMakesItWhenChallengesExpire() throws Exception {
        for (int i = 0; i < 256; i++) {
            challenges.issue("greedy");
        }
        var refused =
                catchThrowableOfType(RefusedException.class, () -> challenges.issue("greedy"));
        assertThat(refused.reason()).isEqualTo(Reason.TOO_MANY_CHALLENGES);
        assertThat(challenges.issue("modest").nonce()).hasSize(32);
        clock.advance(Duration.ofMinutes(3));
        assertThat(challenges.issue("greedy").nonce()).hasSize(32);
    }
}
