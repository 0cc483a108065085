package dev.strongroom.crypto.output;

import java.util.Locale;

/** The access tiers, least trusted first. A caller gets the best that somebody vouches for. */
public enum TierName {
    ANONYMOUS,
    TRIAL,
    PARTNER,
    TRUSTED;

    /** As it stands in a policy. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
