package dev.strongroom.ops;

import java.util.Locale;

/** How data is printed on standard output. */
enum OutputFormat {
    TABLE,
    JSON,
    YAML;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
