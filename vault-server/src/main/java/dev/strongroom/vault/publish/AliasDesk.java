package dev.strongroom.vault.publish;

import dev.strongroom.crypto.format.AliasMove;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private static final int MOVES_A_MINUTE = 120; // each has the token sign for every node

    /** Each may verify a signature for every alias; nodes look once for each move. */
    private static final int LOOKS_A_MINUTE = 300;

    private static final String WHOLE_VAULT = "-";

    private final Database database;
    private final AuditLog log;
    private final Versions versions;
    private final Pace moves;
    private final Pace looks;

    public AliasDesk(Database database, AuditLog log, Versions versions, InstantSource clock) {
        this.database = database;
        this.log = log;
        this.versions = versions;
        this.moves = new Pace("moves of aliases", MOVES_A_MINUTE, Duration.ofMinutes(1), clock);
        this.looks = new Pace("looks at aliases", LOOKS_A_MINUTE, Duration.ofMinutes(1), clock);
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
     * Puts the next move of an alias in force: compare-and-set on the digest of the move before,
     * with a greater number.
     *
     * @throws RefusedException ALIAS_CONFLICT unless it follows the move in force,
     *     VERSION_NOT_FOUND or ALIAS_TARGET_REFUSED for a version that it cannot mean,
     *     TOO_MANY_REQUESTS, and other ALIAS_ reasons
     */
    public AuditReceipt move(Principal caller, byte[] envelope) throws RefusedException {
        moves.step(caller.uri());
        Dsse signed = decode(envelope);
        TenantName name = new TenantName(caller.tenant());
        return log.<RefusedException>appendSigned(handle -> {
            Tenant tenant = log.views().owners().confirm(TenantTable.require(handle, name));
            VerifiedAlias next = verify(signed, tenant);
            AliasMove move = next.move();
            caller.requireTenant(move.model().tenant().value());
            Optional<Last> before = requireNext(handle, move, tenant);
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

    /** Refuses unless this follows the move in force, and answers that; empty for the first. */
    private Optional<Last> requireNext(Handle handle, AliasMove next, Tenant owner)
            throws RefusedException {
        Optional<Last> logged = log.views().aliases().last(next.model(), next.alias());
        Optional<byte[]> stored = AliasTable.find(handle, next.model(), next.alias());
        if (stored.isPresent() != logged.isPresent()) {
            throw notAsLogged();
        }
        Optional<String> objection =
                logged.isPresent()
                        ? next.objectionAfter(inForce(stored.orElseThrow(), owner, logged.get()))
                        : firstObjection(next);
        if (objection.isPresent()) {
            throw new RefusedException(
                    Reason.ALIAS_CONFLICT,
                    objection.get() + "; see what it means now with: strongroom model alias list");
        }
        if (logged.isEmpty()
                && log.views().aliases().of(next.model()).size() >= AliasMove.MAX_OF_MODEL) {
            throw new RefusedException(
                    Reason.TOO_MANY_ALIASES,
                    "%s had %d aliases, which is all that a model may ever have; use one of them"
                            .formatted(next.model(), AliasMove.MAX_OF_MODEL));
        }
        return logged;
    }

    private static Optional<String> firstObjection(AliasMove next) {
        if (next.previous().isPresent()) {
            return Optional.of("alias: follows another move, but there was none");
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
                                .map(scope -> log.views().revocations().find(scope, target)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** What table and log say of a model's aliases at one moment. */
    private record Stored(Tenant owner, List<byte[]> envelopes, Map<String, Last> logged) {}

    /**
     * The last move of each alias of a model, verified and as the log has it; empty for a model
     * that has none.
     *
     * @throws RefusedException ALIAS_NOT_AUTHENTIC if the table is not what the log says,
     *     TOO_MANY_REQUESTS
     */
    public OfModel list(Principal caller, ModelName model) throws RefusedException {
        looks.step(caller.uri());
        // Writers wait for this transaction, in which alone table and log agree: nothing is
        // verified inside.
        Stored stored =
                database.<Stored, RefusedException>write(handle ->
                        new Stored(
                                log.views()
                                        .owners()
                                        .confirm(TenantTable.require(handle, model.tenant())),
                                AliasTable.all(handle, model),
                                log.views().aliases().of(model)));
        return new OfModel(stored.owner().ownerSpki(), listed(stored));
    }

    private static List<Listed> listed(Stored stored) throws RefusedException {
        if (stored.envelopes().size() != stored.logged().size()) {
            throw notAsLogged();
        }
        var unseen = new HashMap<>(stored.logged());
        var listed = new ArrayList<Listed>();
        for (byte[] envelope : stored.envelopes()) {
            VerifiedAlias shown = verify(decode(envelope), stored.owner());
            Last last = unseen.remove(shown.move().alias().value());
            if (last == null || !last.is(shown)) {
                throw notAsLogged();
            }
            listed.add(new Listed(envelope, last.number(), last.at()));
        }
        return listed;
    }

    /** The stored move, verified. */
    private static VerifiedAlias inForce(byte[] stored, Tenant owner, Last logged)
            throws RefusedException {
        VerifiedAlias last = verify(decode(stored), owner);
        if (!logged.is(last)) {
            throw notAsLogged();
        }
        return last;
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
