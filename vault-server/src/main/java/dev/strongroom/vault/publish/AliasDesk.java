package dev.strongroom.vault.publish;

import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AliasHistory;
import dev.strongroom.vault.audit.AliasHistory.Last;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.RevocationTarget;
import dev.strongroom.vault.audit.Revocations;
import dev.strongroom.vault.catalog.AliasTable;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Takes the owner's moves of aliases and answers what each means. An alias permits nothing: a node
 * that goes by one asks for a lease of the version it means like any other, and gets it by that
 * version's policies or not at all.
 *
 * <p>Thread-safe.
 */
public final class AliasDesk {
    /** Removed ones count: each keeps its number of moves for ever. */
    private static final int MAX_ALIASES = 64;

    private static final int MOVES_A_MINUTE = 120; // each has the token sign for every node
    private static final String WHOLE_VAULT = "-";

    private final Database database;
    private final AuditLog log;
    private final Versions versions;
    private final Pace pace;

    public AliasDesk(Database database, AuditLog log, Versions versions, InstantSource clock) {
        this.database = database;
        this.log = log;
        this.versions = versions;
        this.pace = new Pace("moves of aliases", MOVES_A_MINUTE, Duration.ofMinutes(1), clock);
    }

    /**
     * All aliases that a model ever had.
     *
     * @param ownerSpki of the owner root that signed them
     */
    public record OfModel(byte[] ownerSpki, List<Listed> aliases) {
        public OfModel {
            aliases = List.copyOf(aliases);
        }
    }

    /**
     * One alias.
     *
     * @param envelope its last move as the owner signed it
     * @param number of the version that it means; 0 for none
     */
    public record Listed(byte[] envelope, long number, Instant movedAt) {}

    /**
     * Puts the next move of an alias in force: compare-and-set on its number and the digest of the
     * move before.
     *
     * @throws RefusedException ALIAS_CONFLICT unless it follows the move in force,
     *     VERSION_NOT_FOUND or ALIAS_TARGET_REFUSED for a version that it cannot mean,
     *     TOO_MANY_REQUESTS, and other ALIAS_ reasons
     */
    public AuditReceipt move(Principal caller, byte[] envelope) throws RefusedException {
        pace.step(caller.uri());
        Dsse signed = decode(envelope);
        TenantName name = new TenantName(caller.tenant());
        return log.<RefusedException>appendSigned(handle -> {
            Tenant tenant = log.owners().confirm(TenantTable.require(handle, name));
            VerifiedAlias next = verify(signed, tenant);
            AliasMove move = next.move();
            caller.requireTenant(move.model().tenant().value());
            Optional<Last> before = log.aliases().last(move.model(), move.alias());
            requireNext(handle, move, tenant);
            long to = move.target().isEmpty() ? 0 : requireServable(handle, move);
            AliasTable.put(handle, move.model(), move.alias(), envelope);
            return Decision.of(AuditRecord.ALIAS_MOVED, caller.uri(), name.value())
                    .with("model", move.model())
                    .with("alias", move.alias())
                    .with("seq", move.seq())
                    .with("digest", next.digest())
                    .with("from", number(before.map(Last::number).orElse(0L)))
                    .with("to", number(to))
                    .with(
                            "version-id",
                            move.target().map(VersionId::hex).orElse(AliasHistory.NONE));
        });
    }

    private static String number(long version) {
        return version == 0 ? AliasHistory.NONE : Long.toString(version);
    }

    private void requireNext(Handle handle, AliasMove next, Tenant owner) throws RefusedException {
        Optional<VerifiedAlias> current = find(handle, next.model(), next.alias(), owner);
        Optional<String> objection =
                current.isPresent() ? next.objectionAfter(current.get()) : firstObjection(next);
        if (objection.isPresent()) {
            throw new RefusedException(
                    Reason.ALIAS_CONFLICT,
                    objection.get() + "; see what it means now with: strongroom model alias list");
        }
        if (current.isEmpty() && log.aliases().count(next.model()) >= MAX_ALIASES) {
            throw new RefusedException(
                    Reason.TOO_MANY_ALIASES,
                    "%s had %d aliases, which is all that a model may ever have; use one of them"
                            .formatted(next.model(), MAX_ALIASES));
        }
    }

    private static Optional<String> firstObjection(AliasMove next) {
        if (next.seq() != 1) {
            return Optional.of("alias: expected move 1, the first, got " + next.seq());
        }
        return next.target().isEmpty()
                ? Optional.of("alias: there is none of this name to remove")
                : Optional.empty();
    }

    /** The number of a version that a node could be given now, as far as that is known here. */
    private long requireServable(Handle handle, AliasMove move) throws RefusedException {
        VersionId id = move.target().orElseThrow();
        Versions.Servable target =
                versions.servable(handle, move.model(), id)
                        .orElseThrow(() -> Versions.notFound(move.model(), id));
        Optional<Revocations.Revocation> revoked = revocation(move.model(), target.number());
        if (revoked.isPresent()) {
            throw new RefusedException(
                    Reason.ALIAS_TARGET_REFUSED,
                    "%s %s is revoked (audit leaf %d): %s"
                            .formatted(
                                    revoked.get().target().kind().label(),
                                    revoked.get().target().subject(),
                                    revoked.get().leaf(),
                                    revoked.get().reason()));
        }
        Optional<String> tooEarly = target.policies().releaseRules().objectionTo(target.number());
        if (tooEarly.isPresent()) {
            throw new RefusedException(Reason.ALIAS_TARGET_REFUSED, tooEarly.get());
        }
        return target.number();
    }

    private Optional<Revocations.Revocation> revocation(ModelName model, long number) {
        return Stream.of(
                        new RevocationTarget(RevocationTarget.Kind.MODEL, model.toString()),
                        new RevocationTarget(RevocationTarget.Kind.VERSION, model + ":" + number))
                .flatMap(target ->
                        Stream.of(WHOLE_VAULT, model.tenant().value())
                                .map(scope -> log.revocations().find(scope, target)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * The last move of each alias of a model, verified and as the log has it; empty for a model
     * that has none.
     *
     * @throws RefusedException ALIAS_NOT_AUTHENTIC if the table is not what the log says
     */
    public OfModel list(ModelName model) throws RefusedException {
        return database.<OfModel, RefusedException>write(handle -> {
            Tenant tenant = log.owners().confirm(TenantTable.require(handle, model.tenant()));
            var listed = new ArrayList<Listed>();
            for (byte[] envelope : AliasTable.all(handle, model)) {
                AliasMove move = verify(decode(envelope), tenant).move();
                if (!move.model().equals(model)
                        || find(handle, model, move.alias(), tenant).isEmpty()) {
                    throw notAsLogged();
                }
                Last last = log.aliases().last(model, move.alias()).orElseThrow();
                listed.add(new Listed(envelope, last.number(), last.at()));
            }
            if (listed.size() != log.aliases().count(model)) {
                throw notAsLogged();
            }
            return new OfModel(tenant.ownerSpki(), listed);
        });
    }

    /** The move in force, verified; empty for an alias that never was. */
    private Optional<VerifiedAlias> find(
            Handle handle, ModelName model, AliasName alias, Tenant owner) throws RefusedException {
        Optional<byte[]> envelope = AliasTable.find(handle, model, alias);
        Optional<Last> logged = log.aliases().last(model, alias);
        if (envelope.isEmpty() && logged.isEmpty()) {
            return Optional.empty();
        }
        if (envelope.isEmpty() || logged.isEmpty()) {
            throw notAsLogged();
        }
        VerifiedAlias stored = verify(decode(envelope.get()), owner);
        if (stored.move().seq() != logged.get().seq()
                || !stored.digest().equals(logged.get().digest())) {
            throw notAsLogged();
        }
        return Optional.of(stored);
    }

    private static Dsse decode(byte[] envelope) throws RefusedException {
        try {
            return Dsse.decode(envelope);
        } catch (SealedFormatException e) {
            throw new RefusedException(Reason.ALIAS_MALFORMED, "alias: " + e.getMessage(), e);
        }
    }

    private static VerifiedAlias verify(Dsse signed, Tenant owner) throws RefusedException {
        try {
            return AliasMove.verify(signed, owner.ownerId(), owner.ownerSpki());
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.ALIAS_NOT_AUTHENTIC,
                    "%s; a move must be signed by the owner root %s"
                            .formatted(e.getMessage(), owner.ownerId()),
                    e);
        }
    }

    private static RefusedException notAsLogged() {
        return new RefusedException(
                Reason.ALIAS_NOT_AUTHENTIC,
                "the stored aliases are not those that the audit log says are in force: the"
                        + " database was changed outside the vault; restore the data folder from a"
                        + " backup");
    }
}
