package dev.strongroom.crypto.format;

/**
 * A name that an owner gives to whichever version of a model is to be served for some purpose, such
 * as {@code production}: a letter, then at most 62 of {@code a-z0-9-}, so that no alias is taken
 * for a number. {@code latest} is none, because it would not mean the latest version.
 */
public record AliasName(String value) {
    static final int MAX_BYTES = 63;
    private static final String PATTERN = "(?!latest$)[a-z][a-z0-9-]{0,62}";

    public AliasName {
        Strict.requireMatch("alias", value, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
