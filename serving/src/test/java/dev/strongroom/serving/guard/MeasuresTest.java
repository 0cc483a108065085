package dev.strongroom.serving.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.serving.infer.Caller;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The strictest measure counts, for whom it is about, until it goes or the owner pardons. */
class MeasuresTest {
    private static final String EVE = "acme/consumer/eve";
    private final Measures measures = new Measures();

    @Test
    void theStrictestOfACallerAndHisGroupCounts() {
        measures.become(
                List.of(
                        of(Whose.PRINCIPAL, EVE, Step.THROTTLE, 1),
                        of(Whose.PRINCIPAL, EVE, Step.DEGRADE, 1),
                        of(Whose.GROUP, "Eve & Sons", Step.CHALLENGE, 1),
                        of(Whose.PRINCIPAL, "acme/consumer/bob", Step.SUSPEND, 1)));
        Restraint restraint = measures.under(1, Set.of());
        assertThat(restraint.against(caller("eve", "acme"))).contains(Step.DEGRADE);
        assertThat(restraint.against(caller("eve", "Eve & Sons"))).contains(Step.CHALLENGE);
        assertThat(restraint.against(caller("carol", "acme"))).isEmpty();
    }

    @Test
    void aLaterPolicyPardonsWhatWasDecidedBeforeAndNoQuarantine() {
        measures.become(
                List.of(
                        of(Whose.PRINCIPAL, EVE, Step.SUSPEND, 3),
                        of(Whose.PRINCIPAL, EVE, Step.THROTTLE, 4)));
        Caller eve = caller("eve", "acme");
        assertThat(measures.under(3, Set.of(EVE)).against(eve)).contains(Step.SUSPEND);
        assertThat(measures.under(4, Set.of(EVE)).against(eve)).contains(Step.THROTTLE);
        assertThat(measures.under(5, Set.of(EVE)).against(eve)).isEmpty();
        assertThat(measures.under(5, Set.of()).against(eve)).contains(Step.SUSPEND);
        measures.become(List.of(of(Whose.PRINCIPAL, EVE, Step.SUSPEND, GuardMeasure.NO_PARDON)));
        assertThat(measures.under(5, Set.of(EVE)).against(eve)).contains(Step.SUSPEND);
    }

    private static GuardMeasure of(Whose whose, String name, Step step, long policySeq) {
        return new GuardMeasure(whose, name, step, policySeq);
    }

    private static Caller caller(String name, String group) {
        return new Caller("acme", "consumer", name, "", "", group, "", 1);
    }
}
