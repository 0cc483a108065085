package dev.strongroom.vault.audit;

import java.util.Locale;
import java.util.Optional;

/**
 * What a revocation is of.
 *
 * @param subject in its one spelling: {@code spiffe://strongroom/TENANT/node/NAME}, {@code
 *     tenant/name}, {@code tenant/name:NUMBER}, or lower-case hex
 */
public record RevocationTarget(Kind kind, String subject) {
    /** Kinds by their stable labels. */
    public enum Kind {
        NODE,
        MODEL,
        VERSION,
        MEASUREMENT,
        CHIP,
        POLICY;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Kind> ofLabel(String label) {
            for (Kind kind : values()) {
                if (kind.label().equals(label)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    /** What refusals and notices name as the rule. */
    public String rule() {
        return "revoked." + kind.label();
    }
}
