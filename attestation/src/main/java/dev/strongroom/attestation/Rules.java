package dev.strongroom.attestation;

import java.util.ArrayList;
import java.util.List;

/** The outcomes of an appraisal while it goes on. Not thread-safe. */
final class Rules {
    private final List<RuleOutcome> outcomes = new ArrayList<>();

    static RuleOutcome outcome(String rule, boolean holds, String expected) {
        return holds ? RuleOutcome.passed(rule, expected) : RuleOutcome.failed(rule, expected);
    }

    void add(RuleOutcome outcome) {
        outcomes.add(outcome);
    }

    void addAll(List<RuleOutcome> more) {
        outcomes.addAll(more);
    }

    /** Notes that a sequence of rules held. */
    void passed(List<String> names) {
        names.forEach(name -> add(RuleOutcome.passed(name, "")));
    }

    /** Notes that a sequence of rules held up to {@code failed} and says nothing of the rest. */
    void stopped(List<String> names, String failed, String reason) {
        int at = names.indexOf(failed);
        passed(names.subList(0, Math.max(at, 0)));
        add(RuleOutcome.failed(failed, reason));
        names.stream().skip(at + 1L).forEach(name -> add(RuleOutcome.notEvaluated(name, "")));
    }

    /** Notes which of a kind's rules held. */
    Authenticity noted(List<String> names, Authenticity outcome) {
        switch (outcome) {
            case Authenticity.Refused(String rule, String reason) -> stopped(names, rule, reason);
            case Authenticity.Authentic _ -> passed(names);
        }
        return outcome;
    }

    List<RuleOutcome> outcomes() {
        return List.copyOf(outcomes);
    }
}
