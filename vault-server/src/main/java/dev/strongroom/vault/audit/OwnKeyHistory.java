package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which versions of its own keys the log says the vault uses. An earlier identity that is written
 * back into the database is found out by it.
 *
 * <p>Thread-safe.
 */
public final class OwnKeyHistory implements LogView {
    /** Name of the field with the digest of the identity that a change put in force. */
    public static final String IDENTITY_FIELD = "identity";

    /**
     * How one of the keys stands.
     *
     * @param current the version in use
     * @param since when it was put in use; empty for the one that the vault was made with
     * @param leaf of the log that says so; 0 for the one that the vault was made with
     * @param superseded the version before it, until it is retired
     */
    public record Standing(
            int current, Optional<Instant> since, long leaf, Optional<Integer> superseded) {
        private static final Standing AT_BIRTH =
                new Standing(SigningKey.FIRST, Optional.empty(), 0, Optional.empty());
    }

    private final Map<SigningKey, Standing> standings = new ConcurrentHashMap<>();
    private volatile Optional<Digest> identity = Optional.empty();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.OWN_KEY_ROTATED)) {
            SigningKey key = SigningKey.ofLabel(LogView.field(record, "key"));
            standings.put(
                    key,
                    new Standing(
                            Integer.parseInt(LogView.field(record, "version")),
                            Optional.of(record.time()),
                            leaf,
                            Optional.of(standing(key).current())));
            take(record);
        } else if (record.type().equals(AuditRecord.OWN_KEY_RETIRED)) {
            SigningKey key = SigningKey.ofLabel(LogView.field(record, "key"));
            Standing now = standing(key);
            standings.put(
                    key, new Standing(now.current(), now.since(), now.leaf(), Optional.empty()));
            take(record);
        }
    }

    private void take(AuditRecord record) {
        String digest = record.fields().get(IDENTITY_FIELD);
        if (digest != null) {
            identity = Optional.of(new Digest(digest));
        }
    }

    public Standing standing(SigningKey key) {
        return standings.getOrDefault(key, Standing.AT_BIRTH);
    }

    /**
     * Refuses an identity that the log does not name.
     *
     * @param number its number; the first one was made before there was a log
     * @param digest of what the ceremony key signed
     */
    public void requireInForce(long number, Digest digest) throws StartupException {
        boolean named = identity.isPresent() ? identity.get().equals(digest) : number == 1;
        if (!named) {
            throw new StartupException(
                    Exit.INTEGRITY,
                    "the vault's stored identity, number "
                            + number
                            + ", is not the one that its audit log says is in force: the database"
                            + " was changed; restore the data folder from a backup");
        }
    }
}
