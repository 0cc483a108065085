package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.infer.Caller;

/**
 * Whose rows are counted.
 *
 * @param identity {@code tenant/role/name}
 * @param id of {@link Accounts#id}
 * @param group that shares a rate
 * @param address of the peer; empty where the transport has none
 */
public record Asker(String identity, long id, String group, String address) {
    public static Asker of(Caller caller) {
        return new Asker(caller.identity(), caller.number(), caller.group(), caller.source());
    }

    public static Asker of(String identity, String group, String address) {
        return new Asker(identity, Accounts.id(identity), group, address);
    }
}
