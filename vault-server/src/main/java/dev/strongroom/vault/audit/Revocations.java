package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the log says is revoked. A tenant's revocation counts for that tenant's leases, one of the
 * whole vault for all; each is lifted only by whose it is.
 *
 * <p>Thread-safe. It agrees with the log inside a write transaction, since both change there.
 */
public final class Revocations implements LogView {
    /**
     * One revocation in force.
     *
     * @param scope a tenant, or {@code -} for the whole vault
     * @param reason in the words of who revoked
     * @param by his identity
     * @param leaf that says so
     */
    public record Revocation(
            String scope,
            RevocationTarget target,
            String reason,
            String by,
            Instant at,
            long leaf) {}

    private record Key(String scope, RevocationTarget target) {}

    private static final String WHOLE_VAULT = "-";

    private final Map<Key, Revocation> inForce = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.REVOCATION_SET)) {
            Revocation set = revocation(record, leaf);
            inForce.put(new Key(set.scope(), set.target()), set);
        } else if (record.type().equals(AuditRecord.REVOCATION_LIFTED)) {
            inForce.remove(new Key(LogView.field(record, "scope"), target(record)));
        }
    }

    static Revocation revocation(AuditRecord record, long leaf) {
        return new Revocation(
                LogView.field(record, "scope"),
                target(record),
                LogView.field(record, "reason"),
                record.actor(),
                record.time(),
                leaf);
    }

    private static RevocationTarget target(AuditRecord record) {
        return new RevocationTarget(
                RevocationTarget.Kind.ofLabel(LogView.field(record, "kind"))
                        .orElseThrow(() -> new IllegalArgumentException("kind of revocation")),
                LogView.field(record, "subject"));
    }

    /** The revocation of this very thing in this very scope. */
    public Optional<Revocation> find(String scope, RevocationTarget target) {
        return Optional.ofNullable(inForce.get(new Key(scope, target)));
    }

    /** One that forbids such a lease; empty if none does. */
    public Optional<Revocation> against(LeaseFacts facts) {
        return facts.targets()
                .flatMap(target ->
                        List.of(WHOLE_VAULT, facts.tenant()).stream()
                                .map(scope -> new Key(scope, target)))
                .map(inForce::get)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** True when a revocation of this scope and target is about such a lease. */
    static boolean concerns(String scope, RevocationTarget target, LeaseFacts facts) {
        return (scope.equals(WHOLE_VAULT) || scope.equals(facts.tenant()))
                && facts.targets().anyMatch(target::equals);
    }

    /** How many of a scope are in force. */
    public long count(String scope) {
        return inForce.keySet().stream().filter(key -> key.scope().equals(scope)).count();
    }

    /** All in force, oldest first. */
    public List<Revocation> all() {
        return inForce.values().stream()
                .sorted(Comparator.comparingLong(Revocation::leaf))
                .toList();
    }
}
