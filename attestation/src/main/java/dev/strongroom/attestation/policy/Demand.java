package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import java.util.List;
import java.util.Optional;

/** One node of a policy: what must hold of the claims. */
sealed interface Demand {
    /** The claim every satisfying way through a policy must pin. */
    String MEASUREMENT = "snp.measurement";

    /** The demand that failed, if any. */
    Optional<PolicyDecision.Denied> refusal(Claims claims);

    /** Whether no claims satisfy this without their measurement being named. */
    boolean constrainsMeasurement();

    /** The only spelling that is hashed. */
    String canonical();

    /** Every part must hold. */
    record AllOf(List<Demand> parts) implements Demand {
        @Override
        public Optional<PolicyDecision.Denied> refusal(Claims claims) {
            return parts.stream().flatMap(part -> part.refusal(claims).stream()).findFirst();
        }

        @Override
        public boolean constrainsMeasurement() {
            return parts.stream().anyMatch(Demand::constrainsMeasurement);
        }

        @Override
        public String canonical() {
            return list("allOf", parts);
        }
    }

    /** One part must hold. */
    record AnyOf(List<Demand> parts) implements Demand {
        @Override
        public Optional<PolicyDecision.Denied> refusal(Claims claims) {
            List<PolicyDecision.Denied> refusals =
                    parts.stream().flatMap(part -> part.refusal(claims).stream()).toList();
            if (refusals.size() < parts.size()) {
                return Optional.empty();
            }
            String first = refusals.getFirst().reason();
            return Optional.of(
                    new PolicyDecision.Denied(
                            "policy.any-of", "no alternative holds; the first: " + first));
        }

        @Override
        public boolean constrainsMeasurement() {
            return parts.stream().allMatch(Demand::constrainsMeasurement);
        }

        @Override
        public String canonical() {
            return list("anyOf", parts);
        }
    }

    /** The claim is one of these values; {@code eq} is the case of one. */
    record OneOf(String claim, List<String> values) implements Demand {
        @Override
        public Optional<PolicyDecision.Denied> refusal(Claims claims) {
            String actual = claims.values().get(claim);
            return actual != null && values.contains(actual)
                    ? Optional.empty()
                    : denied(claim, "one of " + values.size() + " named values");
        }

        @Override
        public boolean constrainsMeasurement() {
            return claim.equals(MEASUREMENT);
        }

        @Override
        public String canonical() {
            return "{\"claim\":\"%s\",\"op\":\"in\",\"value\":[\"%s\"]}"
                    .formatted(claim, String.join("\",\"", values));
        }
    }

    /** The claim is a number, and at least this one. */
    record AtLeast(String claim, long value) implements Demand {
        @Override
        public Optional<PolicyDecision.Denied> refusal(Claims claims) {
            String actual = claims.values().get(claim);
            return actual != null
                            && actual.matches("[0-9]{1,18}")
                            && Long.parseLong(actual) >= value
                    ? Optional.empty()
                    : denied(claim, "at least " + value);
        }

        @Override
        public boolean constrainsMeasurement() {
            return false;
        }

        @Override
        public String canonical() {
            return "{\"claim\":\"%s\",\"op\":\"ge\",\"value\":%d}".formatted(claim, value);
        }
    }

    private static Optional<PolicyDecision.Denied> denied(String claim, String expected) {
        return Optional.of(
                new PolicyDecision.Denied("policy." + claim, claim + ": expected " + expected));
    }

    private static String list(String name, List<Demand> parts) {
        return "{\"%s\":[%s]}"
                .formatted(name, String.join(",", parts.stream().map(Demand::canonical).toList()));
    }
}
