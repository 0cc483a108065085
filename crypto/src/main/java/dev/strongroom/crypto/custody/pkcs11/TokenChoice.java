package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.util.ArrayList;
import java.util.List;

/** Finds the configured token among the module's slots; slot numbers mean nothing. */
final class TokenChoice {
    private TokenChoice() {}

    /** The only token with the label. */
    static ModuleFacts.TokenInfo byLabel(Cryptoki cryptoki, String label) throws CustodyException {
        return only(labelled(cryptoki, label), label);
    }

    /** The token with the label and the serial number that the vault remembers. */
    static ModuleFacts.TokenInfo bySerial(Cryptoki cryptoki, String label, String serial)
            throws CustodyException {
        List<ModuleFacts.TokenInfo> matching =
                labelled(cryptoki, label).stream()
                        .filter(token -> token.serial().equals(serial))
                        .toList();
        if (matching.isEmpty()) {
            throw new CustodyException(
                    Reason.TOKEN_CHANGED,
                    ("the token labelled '%s' does not have serial number %s; it is another"
                                    + " token, so nothing is done with it; restore the original"
                                    + " token's storage")
                            .formatted(label, serial));
        }
        return only(matching, label);
    }

    private static ModuleFacts.TokenInfo only(List<ModuleFacts.TokenInfo> tokens, String label)
            throws CustodyException {
        if (tokens.size() > 1) {
            throw new CustodyException(
                    Reason.TOKEN_DUPLICATE,
                    "%d tokens answer to '%s'; expected one".formatted(tokens.size(), label));
        }
        return tokens.getFirst();
    }

    private static List<ModuleFacts.TokenInfo> labelled(Cryptoki cryptoki, String label)
            throws CustodyException {
        List<ModuleFacts.TokenInfo> labelled = new ArrayList<>();
        try {
            for (ModuleFacts.TokenInfo token : cryptoki.facts().tokens()) {
                if (token.label().equals(label)) {
                    labelled.add(token);
                }
            }
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of("list tokens", e);
        }
        if (labelled.isEmpty()) {
            throw new CustodyException(
                    Reason.TOKEN_NOT_FOUND,
                    "no token is labelled '" + label + "'; check the module's configuration");
        }
        return labelled;
    }
}
