package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.RuleOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One node of a policy: what must hold of the claims. */
sealed interface Demand {
    /** What became of every leaf that counts, in order. */
    List<RuleOutcome> judge(Claims claims);

    /** Whether no claims satisfy this unless this one has a value that is named. */
    boolean pins(String claim);

    /** Whether the way in which these claims satisfy this names a value of a claim like these. */
    boolean pinsIn(Claims claims, Predicate<String> claim);

    /** The only spelling that is hashed. */
    String canonical();

    /** Tells the claims that every way to satisfy this names. */
    void visitNamed(Consumer<String> named);

    /** Tells each demand as a sentence, behind the way that it belongs to. */
    void explain(String way, Consumer<String> sentence);

    /** Every part must hold. */
    record AllOf(List<Demand> parts) implements Demand {
        @Override
        public List<RuleOutcome> judge(Claims claims) {
            return parts.stream().flatMap(part -> part.judge(claims).stream()).toList();
        }

        @Override
        public boolean pins(String claim) {
            return parts.stream().anyMatch(part -> part.pins(claim));
        }

        @Override
        public boolean pinsIn(Claims claims, Predicate<String> claim) {
            return parts.stream().anyMatch(part -> part.pinsIn(claims, claim));
        }

        @Override
        public String canonical() {
            return list("allOf", parts);
        }

        @Override
        public void visitNamed(Consumer<String> named) {
            parts.forEach(part -> part.visitNamed(named));
        }

        @Override
        public void explain(String way, Consumer<String> sentence) {
            parts.forEach(part -> part.explain(way, sentence));
        }
    }

    /** One part must hold. */
    record AnyOf(List<Demand> parts) implements Demand {
        /** The outcomes of all parts that hold; if none does, why the first does not. */
        @Override
        public List<RuleOutcome> judge(Claims claims) {
            var held = new ArrayList<RuleOutcome>();
            Optional<RuleOutcome> first = Optional.empty();
            for (Demand part : parts) {
                List<RuleOutcome> outcomes = part.judge(claims);
                Optional<RuleOutcome> failed =
                        outcomes.stream().filter(RuleOutcome::hasFailed).findFirst();
                if (failed.isEmpty()) {
                    held.addAll(outcomes);
                }
                first = first.or(() -> failed);
            }
            return held.isEmpty()
                    ? List.of(
                            RuleOutcome.failed(
                                    "policy.any-of",
                                    "no alternative holds; the first: "
                                            + first.map(RuleOutcome::expected).orElse("")))
                    : List.copyOf(held);
        }

        @Override
        public boolean pins(String claim) {
            return parts.stream().allMatch(part -> part.pins(claim));
        }

        @Override
        public boolean pinsIn(Claims claims, Predicate<String> claim) {
            return parts.stream()
                    .filter(part -> part.judge(claims).stream().noneMatch(RuleOutcome::hasFailed))
                    .anyMatch(part -> part.pinsIn(claims, claim));
        }

        @Override
        public String canonical() {
            return list("anyOf", parts);
        }

        @Override
        public void visitNamed(Consumer<String> named) {
            var common = new ArrayList<String>();
            parts.getFirst().visitNamed(common::add);
            for (Demand part : parts) {
                var own = new ArrayList<String>();
                part.visitNamed(own::add);
                common.retainAll(own);
            }
            common.forEach(named);
        }

        @Override
        public void explain(String way, Consumer<String> sentence) {
            for (int i = 0; i < parts.size(); i++) {
                parts.get(i).explain(way + "either " + (i + 1) + ": ", sentence);
            }
        }
    }

    /** What must hold of one claim. */
    record Leaf(String claim, ClaimTest test) implements Demand {
        @Override
        public List<RuleOutcome> judge(Claims claims) {
            String expected = claim + ": expected " + test.expected();
            return List.of(
                    holds(claims)
                            ? RuleOutcome.passed("policy." + claim, expected)
                            : RuleOutcome.failed("policy." + claim, expected));
        }

        private boolean holds(Claims claims) {
            Optional<String> actual = Optional.ofNullable(claims.values().get(claim));
            if (test instanceof ClaimTest.NoneOf
                    && actual.filter(Claims.MIXED::equals).isPresent()) {
                return DeviceValues.of(claim, claims).stream().allMatch(test::holds);
            }
            return test.holds(actual);
        }

        @Override
        public boolean pins(String other) {
            return claim.equals(other) && test instanceof ClaimTest.OneOf;
        }

        @Override
        public boolean pinsIn(Claims claims, Predicate<String> like) {
            return like.test(claim)
                    && test instanceof ClaimTest.OneOf
                    && test.holds(Optional.ofNullable(claims.values().get(claim)));
        }

        @Override
        public String canonical() {
            return "{\"claim\":\"%s\",%s}".formatted(claim, test.canonical());
        }

        @Override
        public void visitNamed(Consumer<String> named) {
            named.accept(claim);
        }

        @Override
        public void explain(String way, Consumer<String> sentence) {
            sentence.accept(way + claim + " is " + test.explain());
        }
    }

    private static String list(String name, List<Demand> parts) {
        return "{\"%s\":[%s]}"
                .formatted(name, String.join(",", parts.stream().map(Demand::canonical).toList()));
    }
}
