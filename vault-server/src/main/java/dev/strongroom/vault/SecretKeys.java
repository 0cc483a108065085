package dev.strongroom.vault;

import dev.strongroom.config.Section;
import dev.strongroom.crypto.custody.PinSource;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The keys of the configuration that say where a secret comes from, such as {@code pinFile}, {@code
 * pinCredential} and {@code pinCommand}.
 *
 * @param secret what it is called: the first part of each key
 */
record SecretKeys(String secret) {
    private static final PinSource NONE = PinSource.file(Path.of("")); // after a fault

    String file() {
        return secret + "File";
    }

    String credential() {
        return secret + "Credential";
    }

    String command() {
        return secret + "Command";
    }

    boolean areIn(Section section) {
        return !given(section).isEmpty();
    }

    /** Exactly one source: with two it would be unclear which secret is tried. */
    PinSource source(Section section) {
        List<String> given = given(section);
        if (given.size() > 1) {
            section.fault(given.get(1), "expected one of " + given + " alone");
            return NONE;
        }
        if (section.has(credential())) {
            return section.parsed(credential(), "a name", PinSource::credential, NONE);
        }
        return section.has(command()) ? fromCommand(section) : PinSource.file(section.path(file()));
    }

    private List<String> given(Section section) {
        return Stream.of(file(), credential(), command()).filter(section::has).toList();
    }

    private PinSource fromCommand(Section section) {
        try {
            return PinSource.command(
                    section.texts(command(), "[^\\u0000]+", "a program and its arguments"));
        } catch (IllegalArgumentException e) {
            section.fault(command(), "expected the absolute path of a program, then its arguments");
            return NONE;
        }
    }
}
