package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.testkit.softhsm.SoftHsm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A token's storage from outside: taken away, put back, and looked at. */
final class TokenFolder {
    private static final String OWN = "token.object"; // label, PIN and flags

    private final Path tokens;
    private final Path folder;
    private final Path away;
    private final Path allAway;

    TokenFolder(SoftHsm softHsm) {
        tokens = softHsm.tokens();
        folder = softHsm.folder();
        away = tokens.resolveSibling(folder.getFileName() + "-away");
        allAway = tokens.resolveSibling("tokens-away");
    }

    void remove() throws IOException {
        Files.move(folder, away);
    }

    /** The folder of every token of the module. */
    void removeAll() throws IOException {
        Files.move(tokens, allAway);
    }

    void restore() throws IOException {
        if (Files.exists(allAway)) {
            Files.deleteIfExists(tokens);
            Files.move(allAway, tokens);
        }
        if (Files.exists(away)) {
            Files.move(away, folder);
        }
    }

    private Path present() {
        return Files.exists(away) ? away : folder;
    }

    /** SoftHSM2 writes its own file at each login, good or bad, and counts that in its head. */
    long logins() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(present().resolve(OWN))).getLong();
    }

    /** Objects that somebody made in the token. */
    long keys() throws IOException {
        try (Stream<Path> files = Files.list(present())) {
            return files.filter(f -> f.toString().endsWith(".object") && !f.endsWith(OWN)).count();
        }
    }
}
