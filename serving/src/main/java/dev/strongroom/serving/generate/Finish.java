package dev.strongroom.serving.generate;

import java.util.Locale;

/** Why a sequence has no more tokens. */
public enum Finish {
    /** As many as were asked for. */
    LENGTH,
    /** A token that the caller named. */
    STOP,
    /** The model's own end of a sequence. */
    END,
    /** The model reads no longer ones. */
    CONTEXT;

    /** As it stands in an answer. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
