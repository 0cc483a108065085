package dev.strongroom.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.vault.TestClock;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChallengesTest {
    private static final Principal ALICE = node("acme", "alice");
    private static final Principal BOB = node("acme", "bob");
    private static final Principal GREEDY = node("greedy", "one");
    private static final Principal MODEST = node("acme", "modest");

    private final TestClock clock = new TestClock();
    private final Challenges challenges = new Challenges(7, clock, new SecureRandom());

    @Test
    void knowsANonceOnlyForWhoAsked() throws Exception {
        byte[] nonce = challenges.issue(ALICE).nonce();
        assertThat(challenges.find(ALICE, nonce)).isPresent();
        assertThat(challenges.find(BOB, nonce)).isEmpty();
        challenges.forget(nonce);
        assertThat(challenges.find(ALICE, nonce)).isEmpty();
    }

    @Test
    void carriesTheBootEpoch() throws Exception {
        byte[] nonce = challenges.issue(ALICE).nonce();
        assertThat(challenges.isOfThisBoot(nonce)).isTrue();
        assertThat(new Challenges(8, clock, new SecureRandom()).isOfThisBoot(nonce)).isFalse();
    }

    @Test
    void keepsRoomForOthersAndMakesItWhenChallengesExpire() throws Exception {
        for (int i = 0; i < 256; i++) {
            challenges.issue(GREEDY);
        }
        var refused = catchThrowableOfType(RefusedException.class, () -> challenges.issue(GREEDY));
        assertThat(refused.reason()).isEqualTo(Reason.TOO_MANY_CHALLENGES);
        assertThat(challenges.issue(MODEST).nonce()).hasSize(32);
        clock.advance(Duration.ofMinutes(3));
        assertThat(challenges.issue(GREEDY).nonce()).hasSize(32);
    }

    @Test
    void keepsRoomForOtherTenantsHoweverManyNodesOneHas() throws Exception {
        for (int i = 0; i < 1024; i++) {
            challenges.issue(node("greedy", "node-" + i / 128));
        }
        var refused =
                catchThrowableOfType(
                        RefusedException.class, () -> challenges.issue(node("greedy", "another")));
        assertThat(refused.reason()).isEqualTo(Reason.TOO_MANY_CHALLENGES);
        assertThat(challenges.issue(ALICE).nonce()).hasSize(32);
    }

    private static Principal node(String tenant, String name) {
        return new Principal(tenant, AccessRole.NODE, name);
    }
}
