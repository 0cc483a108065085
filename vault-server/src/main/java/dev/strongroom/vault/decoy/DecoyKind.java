package dev.strongroom.vault.decoy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be a decoy. */
public enum DecoyKind {
    /** A model that nobody serves; whoever names it touches it, listing it does not. */
    MODEL,
    /** A version nobody serves; whoever asks for its bytes or its key touches it. */
    KEY,
    /** An identity whose certificate and key lie where nobody uses them; any call touches it. */
    CREDENTIAL,
    /** A method that no service has; whoever calls it touches it. */
    METHOD;

    /** The name in requests and records. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DecoyKind> ofLabel(String label) {
        return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
    }
}
