package dev.strongroom.attestation.snp;

import java.util.Optional;

/** EPYC generations that have a root of their own. */
public enum ProductLine {
    MILAN("Milan"),
    GENOA("Genoa"),
    TURIN("Turin");

    private final String label;

    ProductLine(String label) {
        this.label = label;
    }

    /** The name AMD uses in certificates and URLs. */
    public String label() {
        return label;
    }

    /**
     * The line whose processors answer CPUID with this family and model: Bergamo and Siena (models
     * 0xA0-0xAF) belong to Genoa.
     */
    public static Optional<ProductLine> ofCpuid(int family, int model) {
        if (family == 0x19) {
            if (model <= 0x0F) {
                return Optional.of(MILAN);
            }
            if (model <= 0x1F || (model >= 0xA0 && model <= 0xAF)) {
                return Optional.of(GENOA);
            }
        }
        if (family == 0x1A && model <= 0x11) {
            return Optional.of(TURIN);
        }
        return Optional.empty();
    }

    /** The line of a certificate's product name; a stepping such as {@code -B0} is left out. */
    public static Optional<ProductLine> ofProductName(String name) {
        int dash = name.indexOf('-');
        String line = dash < 0 ? name : name.substring(0, dash);
        for (ProductLine candidate : values()) {
            if (candidate.label.equals(line)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
