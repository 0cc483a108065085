package dev.strongroom.serving.guard.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.PolicyGuard.Memory;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.leak.RankMeter.Sight;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Suspicion;
import dev.strongroom.serving.guard.shape.Rung;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateKeeperTest {
    private static final OutputPolicy POLICY = OutputPolicy.standard();
    private static final String EVE = "acme/consumer/eve";

    @TempDir private Path dir;
    private Directions directions = new Directions();
    private Optional<StateKeeper.Kept> kept = Optional.empty();
    private List<StateKeeper.Kept> others = List.of();

    @Test
    void theFirstStartKnowsNothingAndThatIsNoLoss() throws Exception {
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.WHOLE);
    }

    @Test
    void aRestartForgetsNothingThatIsHeldAgainstACaller() throws Exception {
        leave();
        Accounts after = accounts();
        assertThat(keeper().begin(after, POLICY, 1)).isEqualTo(Memory.WHOLE);
        assertThat(after.use(Accounts.id(EVE), Account::rung)).isEqualTo(Rung.LABEL);
    }

    /** Honest queries bring evidence down; only the owner's pardon brings the caller down. */
    @Test
    void theLastRungOutlivesTheEvidenceAndTheNode() throws Exception {
        StateKeeper keeper = keeper();
        Accounts before = accounts();
        keeper.begin(before, POLICY, 1);
        before.use(Accounts.id(EVE), StateKeeperTest::held);
        double left = before.use(Accounts.id(EVE), StateKeeperTest::evidenceAfterHonestQueries);
        assertThat(left).isEqualTo(1);
        keeper.save(before, Memory.WHOLE, 1);
        Accounts after = accounts();
        keeper().begin(after, POLICY, 1);
        boolean moved = after.use(Accounts.id(EVE), account -> account.climb(POLICY.ladder()));
        assertThat(moved).isFalse();
        assertThat(after.use(Accounts.id(EVE), Account::rung)).isEqualTo(Rung.LABEL);
    }

    private static double evidenceAfterHonestQueries(Account account) {
        for (int i = 0; i < 100_000 && account.evidence() > 1; i++) {
            account.add(List.of(Suspicion.none()));
        }
        return account.evidence();
    }

    @Test
    void aMissingStateIsLost() throws Exception {
        leave();
        kept = Optional.empty();
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.LOST);
    }

    @Test
    void anOldStateIsLost() throws Exception {
        leave();
        Optional<StateKeeper.Kept> old = kept;
        StateKeeper keeper = keeper();
        Accounts later = accounts();
        keeper.begin(later, POLICY, 1);
        later.use(Accounts.id("acme/consumer/bob"), StateKeeperTest::held);
        keeper.save(later, Memory.WHOLE, 1);
        kept = old;
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.LOST);
    }

    @Test
    void aStateThatSomebodyChangedOrRenumberedIsLost() throws Exception {
        leave();
        StateKeeper.Kept state = kept.orElseThrow();
        byte[] sealed = state.sealed().clone();
        sealed[sealed.length - 1] ^= 1;
        kept = Optional.of(new StateKeeper.Kept(state.seq(), sealed));
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.LOST);
        kept = Optional.of(new StateKeeper.Kept(state.seq() + 7, state.sealed()));
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.LOST);
    }

    @Test
    void whatIsLostStaysLostUntilTheOwnerSignsALaterPolicy() throws Exception {
        leave();
        kept = Optional.empty();
        keeper().begin(accounts(), POLICY, 1);
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.LOST);
        assertThat(keeper().begin(accounts(), POLICY, 2)).isEqualTo(Memory.WHOLE);
    }

    @Test
    void aLaterPolicyPardonsWhomItNames() throws Exception {
        leave();
        OutputPolicy pardon =
                OutputPolicy.parse(
                        POLICY.canonical()
                                .replace("\"pardons\":[]", "\"pardons\":[\"" + EVE + "\"]")
                                .getBytes(StandardCharsets.UTF_8));
        Accounts same = accounts();
        keeper().begin(same, pardon, 1);
        assertThat(same.use(Accounts.id(EVE), Account::rung)).isEqualTo(Rung.LABEL);
        Accounts later = accounts();
        keeper().begin(later, pardon, 2);
        assertThat(later.use(Accounts.id(EVE), Account::rung)).isEqualTo(Rung.CONTRACT);
        assertThat(later.use(Accounts.id(EVE), Account::evidence)).isEqualTo(1);
    }

    @Test
    void aNodeWithANewNameBeginsWithWhatIsHeldAgainstCallers() throws Exception {
        leave();
        Accounts renamed = accounts();
        others = List.of(kept.orElseThrow());
        kept = Optional.empty();
        Files.delete(dir.resolve("number"));
        assertThat(keeper().begin(renamed, POLICY, 1)).isEqualTo(Memory.WHOLE);
        assertThat(renamed.use(Accounts.id(EVE), Account::rung)).isEqualTo(Rung.LABEL);
    }

    @Test
    void aNewNameIsNoWayOutOfTheStrictestTier() throws Exception {
        leave();
        kept = Optional.empty();
        keeper().begin(accounts(), POLICY, 1);
        others = List.of(kept.orElseThrow());
        kept = Optional.empty();
        Files.delete(dir.resolve("number"));
        assertThat(keeper().begin(accounts(), POLICY, 1)).isEqualTo(Memory.LOST);
        kept = Optional.empty();
        Files.deleteIfExists(dir.resolve("number"));
        assertThat(keeper().begin(accounts(), POLICY, 2)).isEqualTo(Memory.WHOLE);
    }

    @Test
    void anotherVersionsGuardAddsWhatIsHeldAndLosesNothing() throws Exception {
        leave();
        Accounts following = accounts();
        long bob = Accounts.id("acme/consumer/bob");
        following.use(bob, StateKeeperTest::held);
        keeper().goOn(following, POLICY, 1);
        assertThat(following.use(bob, Account::rung)).isEqualTo(Rung.LABEL);
        assertThat(following.use(Accounts.id(EVE), Account::rung)).isEqualTo(Rung.LABEL);
        double once = following.use(Accounts.id(EVE), Account::evidence);
        others = List.of(kept.orElseThrow());
        keeper().goOn(following, POLICY, 1);
        assertThat(following.use(Accounts.id(EVE), Account::evidence))
                .as("counted once")
                .isCloseTo(once, withinPercentage(0.01));
    }

    @Test
    void evidenceOutlivesTheNode() throws Exception {
        StateKeeper keeper = keeper();
        Accounts before = accounts();
        keeper.begin(before, POLICY, 1);
        double[] strange = {1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4};
        double evidence =
                before.use(
                        Accounts.id(EVE),
                        account -> account.add(List.of(strange, strange, strange)).evidence());
        keeper.save(before, Memory.WHOLE, 1);
        Accounts after = accounts();
        keeper().begin(after, POLICY, 1);
        assertThat(evidence).isGreaterThan(1e6);
        double known = after.use(Accounts.id(EVE), Account::evidence);
        assertThat(known).isCloseTo(evidence, withinPercentage(0.01));
        double more =
                after.use(Accounts.id(EVE), account -> account.add(List.of(strange)).evidence());
        assertThat(more).isGreaterThan(known);
    }

    @Test
    void aRestartGivesBackNoDirections() throws Exception {
        leave();
        assertThat(directions.show(5, new double[] {1, 0, 0}, 2)).isEqualTo(Sight.NEW);
        assertThat(directions.show(5, new double[] {1, 1, 0}, 2)).isEqualTo(Sight.NEW);
        StateKeeper keeper = keeper();
        keeper.goOn(accounts(), POLICY, 1);
        keeper.save(accounts(), Memory.WHOLE, 1);
        directions = new Directions();
        keeper().begin(accounts(), POLICY, 1);
        assertThat(directions.show(5, new double[] {1, 0, 0}, 2)).isEqualTo(Sight.TOO_MANY);
        assertThat(directions.show(5, new double[] {1, 0, 0}, 3)).isEqualTo(Sight.NEW);
        assertThat(directions.show(6, new double[] {1, 0, 0}, 2)).isEqualTo(Sight.NEW);
    }

    @Test
    void nothingOfACallerCanBeReadInTheSealedState() throws Exception {
        leave();
        assertThat(new String(kept.orElseThrow().sealed(), StandardCharsets.ISO_8859_1))
                .doesNotContain("guard-state", "eve");
        assertThat(Files.readString(dir.resolve("number"))).isEqualTo("1");
    }

    private void leave() throws Exception {
        StateKeeper keeper = keeper();
        Accounts accounts = accounts();
        keeper.begin(accounts, POLICY, 1);
        accounts.use(Accounts.id(EVE), StateKeeperTest::held);
        keeper.save(accounts, Memory.WHOLE, 1);
    }

    private static Account held(Account account) {
        return Suspicion.climb(account, Rung.LABEL);
    }

    private static Accounts accounts() {
        return new Accounts(10, 100);
    }

    private StateKeeper keeper() {
        var store =
                new StateKeeper.Store() {
                    @Override
                    public Optional<StateKeeper.Kept> last() {
                        return kept;
                    }

                    @Override
                    public List<StateKeeper.Kept> others() {
                        return others;
                    }

                    @Override
                    public void keep(StateKeeper.Kept state) throws IOException {
                        kept = Optional.of(state);
                    }
                };
        return new StateKeeper(
                store,
                new byte[32],
                "acme/bert/1",
                dir.resolve("number"),
                directions,
                new SecureRandom());
    }
}
