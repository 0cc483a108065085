package dev.strongroom.client;

import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;

/** Which alias of which model, written {@code tenant/name@alias}. */
public record AliasPath(ModelName model, AliasName alias) {
    /**
     * Reads {@code tenant/name@alias}.
     *
     * @throws IllegalArgumentException when it is anything else
     */
    public static AliasPath parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("alias: expected tenant/name@alias");
        }
        return new AliasPath(
                ModelName.parse(text.substring(0, at)), new AliasName(text.substring(at + 1)));
    }

    @Override
    public String toString() {
        return model + "@" + alias;
    }
}
