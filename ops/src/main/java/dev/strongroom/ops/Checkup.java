package dev.strongroom.ops;

import java.util.Locale;

/**
 * One finding of {@link Doctor}.
 *
 * @param next what to do, empty when nothing
 */
record Checkup(String name, Health health, String finding, String next) {
    enum Health {
        OK,
        /** Works, with something missing. */
        WARN,
        FAIL
    }

    static Checkup ok(String name, String finding) {
        return new Checkup(name, Health.OK, finding, "");
    }

    static Checkup warn(String name, String finding, String next) {
        return new Checkup(name, Health.WARN, finding, next);
    }

    static Checkup fail(String name, String finding, String next) {
        return new Checkup(name, Health.FAIL, finding, next);
    }

    Answer.Fields fields() {
        return Answer.with("check", name)
                .with("health", health.name().toLowerCase(Locale.ROOT))
                .with("finding", finding)
                .with("next", next);
    }
}
