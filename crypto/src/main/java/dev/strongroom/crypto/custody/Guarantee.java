package dev.strongroom.crypto.custody;

import java.util.EnumSet;
import java.util.Set;

/** What a module may enforce against a process that has the PIN; the self-test tries each. */
public enum Guarantee {
    VALUE_UNREADABLE("a key made sensitive cannot be read"),
    SENSITIVE_AFTER_UNWRAP("a key unwrapped sensitive cannot be read"),
    KEK_DOES_NOT_DECRYPT("a key that only wraps does not decrypt what it wrapped"),
    IN_TOKEN_ROTATION("a key moves between wrapping keys without leaving the token"),
    UNEXTRACTABLE_STAYS("a key that is not extractable cannot be wrapped"),
    UNWRAP_TEMPLATE("a wrapping key dictates what it unwraps may be used for"),
    WRAP_WITH_TRUSTED("a key bound to trusted wrapping keys is wrapped by no other"),
    ATTRIBUTES_LOCKED("no attribute of an unmodifiable key can be added"),
    NO_COPY("an uncopyable key cannot be copied"),
    NO_DESTROY("an undestroyable key cannot be destroyed"),
    NO_KEY_DIGEST("no digest is computed over a sensitive key");

    /** Without these a module keeps no secret, so none is used that lacks one. */
    public static final Set<Guarantee> ESSENTIAL =
            Set.copyOf(
                    EnumSet.of(
                            VALUE_UNREADABLE,
                            SENSITIVE_AFTER_UNWRAP,
                            KEK_DOES_NOT_DECRYPT,
                            IN_TOKEN_ROTATION));

    /** Without these keys made at a ceremony would be worth no more than others. */
    public static final Set<Guarantee> CEREMONY =
            Set.copyOf(EnumSet.complementOf(EnumSet.of(IN_TOKEN_ROTATION, NO_KEY_DIGEST)));

    private final String claim;

    Guarantee(String claim) {
        this.claim = claim;
    }

    /** The guarantee as a sentence. */
    public String claim() {
        return claim;
    }
}
