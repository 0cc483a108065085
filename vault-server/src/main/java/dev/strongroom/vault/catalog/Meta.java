package dev.strongroom.vault.catalog;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Facts about the data folder as a whole, by name. */
public enum Meta {
    /** What kind of thing keeps the folder's keys. */
    CUSTODY,
    /** Serial number of the token or key store that the folder belongs to. */
    TOKEN_SERIAL,
    /** Fingerprint of the attestation root that the folder was born under. */
    ATTESTATION_ROOT,
    /** The kind of evidence that root stands for. */
    TEE,
    /** The signed vault identity, hex. */
    VAULT_IDENTITY,
    /** How often the vault was started: the part of a nonce that dies with the process. */
    BOOT_EPOCH;

    public Optional<String> read(Handle handle) {
        return handle.createQuery("SELECT value FROM meta WHERE key = :key")
                .bind("key", name())
                .mapTo(String.class)
                .findOne();
    }

    public void write(Handle handle, String value) {
        handle.createUpdate(
                        "INSERT INTO meta (key, value) VALUES (:key, :value)"
                                + " ON CONFLICT (key) DO UPDATE SET value = excluded.value")
                .bind("key", name())
                .bind("value", value)
                .execute();
    }

    /** Counts up by one, from 0, and returns the new value. */
    public long increment(Handle handle) {
        long next = Long.parseLong(read(handle).orElse("0")) + 1;
        write(handle, Long.toString(next));
        return next;
    }
}
