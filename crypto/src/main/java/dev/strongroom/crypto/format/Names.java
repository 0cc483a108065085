package dev.strongroom.crypto.format;

import java.util.regex.Pattern;

/** The one grammar of tenant and model names. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,63}");

    private Names() {}

    static void require(String field, String value) {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    field + ": expected 1 to 63 of a-z, 0-9 and -, got another name");
        }
    }
}
