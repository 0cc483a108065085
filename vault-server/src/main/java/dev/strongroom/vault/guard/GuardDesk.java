package dev.strongroom.vault.guard;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.GuardTable;
import dev.strongroom.vault.publish.PoliciesInForce;
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
    private static final int TAKES_A_MINUTE = 1200; // of one lease for one caller
    private static final int MOST_NODES = 256;
    private static final String CALLER = "[a-z0-9-]{1,63}/[a-z]{1,16}/[A-Za-z0-9._-]{1,63}";

    private static final long MOST_AT_ONCE = 1_000_000; // no node can use its numbers up

    private final Database database;
    private final AuditLog log;
    private final PoliciesInForce policies;
    private final Pace takes;
    private final InstantSource clock;

    public GuardDesk(
            Database database, AuditLog log, PoliciesInForce policies, InstantSource clock) {
        this.policies = policies;
        this.takes = new Pace("slices", TAKES_A_MINUTE, Duration.ofMinutes(1), clock);
        this.database = database;
        this.log = log;
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
     * @param perDay all that he has over all nodes, as the node says; never more than the owner's
     *     policy gives him
     * @throws RefusedException REQUEST_MALFORMED, LEASE_NOT_FOUND, IDENTITY_NOT_FOUND,
     *     TOO_MANY_REQUESTS, POLICY_NOT_FOUND
     */
    public Slice take(NodeLease lease, String identity, long perDay, long wanted)
            throws RefusedException {
        ModelName model = lease.model();
        boolean ofTenant = identity.startsWith(model.tenant().value() + "/");
        if (!identity.matches(CALLER) || !ofTenant) {
            throw malformed("caller: expected TENANT/ROLE/NAME of the model's tenant");
        }
        if (perDay < 0 || perDay > MOST_ROWS || wanted < 1 || wanted > MOST_ROWS) {
            throw malformed("rows: expected 0 to " + MOST_ROWS + " a day and 1 or more wanted");
        }
        var held = lease.require(log, clock);
        Principal caller = issued(identity);
        takes.step(held.bootId() + " for " + identity);
        Instant now = clock.instant();
        return database.<Slice, RefusedException>write(handle -> {
            String name = model.toString();
            long day =
                    Math.max(
                            now.getEpochSecond() / DAY.toSeconds(),
                            GuardTable.latestDay(handle, name));
            long most = Math.min(perDay, policies.rowsPerDay(handle, model, caller));
            long left = Math.max(0, most - GuardTable.taken(handle, name, day, identity));
            long rows = Math.min(left, wanted);
            if (rows > 0) {
                GuardTable.take(handle, name, day, identity, rows);
            }
            Instant end = Instant.ofEpochSecond((day + 1) * DAY.toSeconds());
            return new Slice(rows, Duration.between(now, end));
        });
    }

    /** A name that the node made up takes nothing and leaves nothing. */
    private Principal issued(String identity) throws RefusedException {
        String uri = "spiffe://strongroom/" + identity;
        return Principal.ofUri(uri)
                .filter(_ -> !log.views().issuedKeys().keysOf(uri).isEmpty())
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.IDENTITY_NOT_FOUND,
                                "no certificate was ever issued to " + uri));
    }

    /**
     * Keeps a node's state in place of the one before.
     *
     * @throws RefusedException REQUEST_MALFORMED, GUARD_STATE_OLD, LEASE_NOT_FOUND
     */
    public void save(NodeLease lease, VersionId version, long seq, byte[] sealed)
            throws RefusedException {
        if (seq < 1 || sealed.length > MAX_STATE_BYTES) {
            throw malformed(
                    "state: expected seq 1 or more and at most " + MAX_STATE_BYTES + " bytes");
        }
        lease.require(log, clock, version);
        String node = lease.node().uri();
        database.<RefusedException>change(handle -> {
            long before =
                    GuardTable.state(handle, version.hex(), node)
                            .map(GuardTable.State::seq)
                            .orElse(0L);
            if (seq <= before) {
                throw new RefusedException(
                        Reason.GUARD_STATE_OLD,
                        "state " + seq + ": a later one of this node is kept");
            }
            if (seq - before > MOST_AT_ONCE) {
                throw malformed(
                        "state "
                                + seq
                                + ": expected at most "
                                + MOST_AT_ONCE
                                + " more than the last");
            }
            GuardTable.save(handle, version.hex(), node, new GuardTable.State(seq, sealed));
        });
    }

    /**
     * The last state of a node.
     *
     * @param lease of whoever asks
     * @param node URI of its certificate
     * @throws RefusedException LEASE_NOT_FOUND
     */
    public Optional<GuardTable.State> state(NodeLease lease, String node, VersionId version)
            throws RefusedException {
        lease.require(log, clock, version);
        return database.read(handle -> GuardTable.state(handle, version.hex(), node));
    }

    /** Other nodes that left states of a version: what they hold against callers, all may know. */
    public List<String> others(NodeLease lease, VersionId version) throws RefusedException {
        lease.require(log, clock, version);
        String own = lease.node().uri();
        return database.read(handle -> GuardTable.nodes(handle, version.hex(), MOST_NODES)).stream()
                .filter(other -> !other.equals(own))
                .toList();
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(Reason.REQUEST_MALFORMED, what);
    }
}
