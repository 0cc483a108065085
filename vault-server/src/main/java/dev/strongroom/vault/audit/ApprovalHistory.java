package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.TenantName;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * Which approvals the log says were asked for, given, refused and used. There is no column that
 * says so: who can write the database can neither use an approval twice nor slip one in.
 *
 * <p>Thread-safe. It agrees with the log inside a write transaction.
 */
public final class ApprovalHistory implements LogView {
    /** The field in which the record of an effect names the request that allowed it. */
    public static final String USED_FIELD = "approval";

    /** The field in which a record says that a request ended, and how. */
    public static final String STANDING_FIELD = "standing";

    /** Stands for the tenant of what concerns none. */
    public static final String WHOLE_VAULT = "-";

    /** Where a request stands, but for the clock. */
    public enum Standing {
        OPEN,
        USED,
        REJECTED,
        EXPIRED;

        /** The name in answers. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One request.
     *
     * @param payload SHA-256 of the bytes that everybody signs
     * @param approvers who approved, and did not reject since
     */
    public record Entry(
            String id,
            Digest payload,
            Change change,
            Digest requester,
            Instant notAfter,
            NavigableSet<Digest> approvers,
            NavigableSet<Digest> rejecters,
            Standing standing) {
        public Entry {
            approvers = Collections.unmodifiableNavigableSet(new TreeSet<>(approvers));
            rejecters = Collections.unmodifiableNavigableSet(new TreeSet<>(rejecters));
        }

        /** Whose it is; {@link #WHOLE_VAULT} when it is no tenant's. */
        public String tenant() {
            return change.tenant().map(TenantName::value).orElse(WHOLE_VAULT);
        }

        /** True when approvals can still be given and used. */
        public boolean isOpen(Instant now) {
            return standing == Standing.OPEN && now.isBefore(notAfter);
        }

        private Entry approvedBy(Digest approver) {
            var more = new TreeSet<>(approvers);
            more.add(approver);
            return new Entry(id, payload, change, requester, notAfter, more, rejecters, standing);
        }

        private Entry rejectedBy(Digest approver) {
            var fewer = new TreeSet<>(approvers);
            fewer.remove(approver);
            var more = new TreeSet<>(rejecters);
            more.add(approver);
            return new Entry(id, payload, change, requester, notAfter, fewer, more, standing);
        }

        private Entry at(Standing next) {
            return new Entry(id, payload, change, requester, notAfter, approvers, rejecters, next);
        }
    }

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private volatile Optional<Digest> roster = Optional.empty();

    @Override
    public void add(AuditRecord record, long leaf) {
        switch (record.type()) {
            case AuditRecord.APPROVAL_REQUESTED -> request(record);
            case AuditRecord.APPROVAL_GIVEN ->
                    change(record, "request", entry -> entry.approvedBy(approver(record)));
            case AuditRecord.APPROVAL_REJECTED -> {
                change(record, "request", entry -> entry.rejectedBy(approver(record)));
                if (record.fields().containsKey(STANDING_FIELD)) {
                    end(record);
                }
            }
            case AuditRecord.APPROVAL_ENDED -> end(record);
            case AuditRecord.APPROVERS_CHANGED ->
                    roster = Optional.of(new Digest(LogView.field(record, "approvers")));
            default -> {
                if (record.fields().containsKey(USED_FIELD)) {
                    change(record, USED_FIELD, entry -> entry.at(Standing.USED));
                }
            }
        }
    }

    private void request(AuditRecord record) {
        String tenant = LogView.field(record, "tenant");
        var entry =
                new Entry(
                        LogView.field(record, "request"),
                        new Digest(LogView.field(record, "payload")),
                        new Change(
                                Change.Kind.valueOf(LogView.field(record, "kind")),
                                tenant.equals(WHOLE_VAULT)
                                        ? Optional.empty()
                                        : Optional.of(new TenantName(tenant)),
                                LogView.field(record, "subject"),
                                new Digest(LogView.field(record, "document"))),
                        new Digest(LogView.field(record, "requester")),
                        Instant.parse(LogView.field(record, "not-after")),
                        Collections.emptyNavigableSet(),
                        Collections.emptyNavigableSet(),
                        Standing.OPEN);
        entries.putIfAbsent(entry.id(), entry);
    }

    private void end(AuditRecord record) {
        var standing = Standing.valueOf(LogView.field(record, STANDING_FIELD));
        change(record, "request", entry -> entry.at(standing));
    }

    private static Digest approver(AuditRecord record) {
        return new Digest(LogView.field(record, "approver"));
    }

    private void change(AuditRecord record, String field, UnaryOperator<Entry> next) {
        entries.computeIfPresent(LogView.field(record, field), (_, entry) -> next.apply(entry));
    }

    /** The request of this id. */
    public Optional<Entry> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    /** Every request there ever was, in no order. */
    public Collection<Entry> all() {
        return List.copyOf(entries.values());
    }

    /** The digest of the approvers that were configured last; empty when none ever were. */
    public Optional<Digest> roster() {
        return roster;
    }
}
