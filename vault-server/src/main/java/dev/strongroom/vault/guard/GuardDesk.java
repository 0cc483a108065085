package dev.strongroom.vault.guard;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.GuardTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Gives nodes slices of callers' days, exactly: all nodes together never get more rows than a day
 * has. What a node was given is on disk before it hears of it, so a crash anywhere gives less,
 * never more. And keeps what guards must remember, sealed.
 *
 * <p>Thread-safe.
 */
public final class GuardDesk {
    private static final Duration DAY = Duration.ofDays(1);
    private static final long MOST_ROWS = 1_000_000_000_000L;
    private static final int MAX_STATE_BYTES = 1 << 20;
    private static final int MOST_NODES = 256;
    private static final String CALLER = "[a-z0-9-]{1,63}/[a-z]{1,16}/[A-Za-z0-9._-]{1,63}";

    private final Database database;
    private final InstantSource clock;

    public GuardDesk(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Rows of a caller's day.
     *
     * @param dayLeft of the day; the vault's clock turned back makes it longer and gives no new one
     */
    public record Slice(long rows, Duration dayLeft) {}

    /**
     * Takes rows for one node.
     *
     * @param identity of the caller, {@code tenant/role/name}
     * @param perDay all that he has over all nodes, as the node read in the owner's policy
     * @throws RefusedException REQUEST_MALFORMED
     */
    public Slice take(ModelName model, String identity, long perDay, long wanted)
            throws RefusedException {
        boolean ofTenant = identity.startsWith(model.tenant().value() + "/");
        if (!identity.matches(CALLER) || !ofTenant) {
            throw malformed("caller: expected TENANT/ROLE/NAME of the model's tenant");
        }
        if (perDay < 0 || perDay > MOST_ROWS || wanted < 1 || wanted > MOST_ROWS) {
            throw malformed("rows: expected 0 to " + MOST_ROWS + " a day and 1 or more wanted");
        }
        Instant now = clock.instant();
        return database.write(handle -> {
            String name = model.toString();
            long day =
                    Math.max(
                            now.getEpochSecond() / DAY.toSeconds(),
                            GuardTable.latestDay(handle, name));
            long left = Math.max(0, perDay - GuardTable.taken(handle, name, day, identity));
            long rows = Math.min(left, wanted);
            if (rows > 0) {
                GuardTable.take(handle, name, day, identity, rows);
            }
            Instant end = Instant.ofEpochSecond((day + 1) * DAY.toSeconds());
            return new Slice(rows, Duration.between(now, end));
        });
    }

    /**
     * Keeps a node's state in place of the one before.
     *
     * @throws RefusedException REQUEST_MALFORMED, GUARD_STATE_OLD
     */
    public void save(Principal node, VersionId version, long seq, byte[] sealed)
            throws RefusedException {
        if (seq < 1 || sealed.length > MAX_STATE_BYTES) {
            throw malformed(
                    "state: expected seq 1 or more and at most " + MAX_STATE_BYTES + " bytes");
        }
        boolean saved =
                database.write(handle ->
                        GuardTable.save(
                                handle,
                                version.hex(),
                                node.uri(),
                                new GuardTable.State(seq, sealed)));
        if (!saved) {
            throw new RefusedException(
                    Reason.GUARD_STATE_OLD, "state " + seq + ": a later one of this node is kept");
        }
    }

    /**
     * The last state of a node.
     *
     * @param node URI of its certificate
     */
    public Optional<GuardTable.State> state(String node, VersionId version) {
        return database.read(handle -> GuardTable.state(handle, version.hex(), node));
    }

    /** Other nodes that left states of a version: what they hold against callers, all may know. */
    public List<String> others(Principal node, VersionId version) {
        return database.read(handle -> GuardTable.nodes(handle, version.hex(), MOST_NODES)).stream()
                .filter(other -> !other.equals(node.uri()))
                .toList();
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(Reason.REQUEST_MALFORMED, what);
    }
}
