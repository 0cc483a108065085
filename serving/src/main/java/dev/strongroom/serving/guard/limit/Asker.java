package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.infer.Caller;

/**
 * Whose rows are counted.
 *
 * @param identity {@code tenant/role/name}
 * @param id of {@link Accounts#id}
 * @param group that shares a rate; the identity where he was given none
 * @param address of the peer; empty where the transport has none
 */
public record Asker(String identity, long id, String group, String address) {
    public static Asker of(Caller caller) {
        return new Asker(caller.identity(), caller.number(), caller.group(), caller.source());
    }

    /** Nobody shares with him. */
    boolean isAlone() {
        return group.equals(identity);
    }

    public static Asker of(String identity, String group, String address) {
        return new Asker(identity, Accounts.id(identity), group, address);
    }
}
