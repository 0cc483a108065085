package dev.strongroom.vault.admin;

import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.custody.TokenState;

/**
 * What /healthz says: no name, no path, no message.
 *
 * @param database whether it answers
 * @param token its state as just found
 */
public record Health(Tee tee, boolean database, TokenState token) {
    /** A vault without its token can do nothing that matters. */
    boolean isOk() {
        return database && token instanceof TokenState.Serving;
    }

    /** One JSON object on one line. */
    String json() {
        return "{\"status\":\"%s\",\"tee\":\"%s\",\"database\":\"%s\",\"token\":\"%s\"%s}\n"
                .formatted(
                        isOk() ? "ok" : "failing",
                        tee.label(),
                        database ? "ok" : "failing",
                        token.label(),
                        token instanceof TokenState.Down down
                                ? ",\"reason\":\"" + down.reason() + "\""
                                : "");
    }
}
