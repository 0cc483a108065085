package dev.strongroom.vault.decoy;

import com.google.protobuf.Message;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.Tripwires;
import dev.strongroom.vault.access.Visitor;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.DecoyTable;
import dev.strongroom.vault.decoy.Touch.Word;
import dev.strongroom.vault.decoy.Touches.Answer;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees who touches a decoy. He is out from that moment on; event and record follow on another
 * thread, within milliseconds, so that his call takes as long as any. A process that is killed in
 * between forgets the touch.
 *
 * <p>Thread-safe. The owner closes it before the log.
 */
public final class DecoyWatch implements Tripwires, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DecoyWatch.class);
    private static final Logger EVENTS = LoggerFactory.getLogger("strongroom.events");
    private static final long AGAIN_SECONDS = 1;
    private static final long LAST_WORDS_SECONDS = 5;

    private record Mark(DecoyKind kind, String value) {}

    private final AuditLog log;
    private final InstantSource clock;
    private final Repeats repeats;
    private final Map<Mark, Decoy> planted = new ConcurrentHashMap<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> unrecorded = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor alarms =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("decoy-alarms").daemon().factory());

    private DecoyWatch(AuditLog log, InstantSource clock) {
        this.repeats = new Repeats(clock);
        this.log = log;
        this.clock = clock;
    }

    /**
     * Begins to watch what is planted.
     *
     * @throws StartupException INTEGRITY if the database has other decoys than the log
     */
    public static DecoyWatch open(Database database, AuditLog log, InstantSource clock)
            throws StartupException {
        var watch = new DecoyWatch(log, clock);
        var ids = new HashSet<String>();
        for (DecoyTable.Row row : database.read(DecoyTable::all)) {
            Decoy decoy = decoy(row);
            ids.add(decoy.id());
            watch.add(decoy);
        }
        if (!ids.equals(log.views().decoys().planted())) {
            throw new StartupException(
                    Exit.INTEGRITY,
                    "the decoys in the database are not those that the audit log says are planted;"
                            + " restore the data folder from a backup");
        }
        return watch;
    }

    private static Decoy decoy(DecoyTable.Row row) throws StartupException {
        DecoyKind kind =
                DecoyKind.ofLabel(row.kind())
                        .orElseThrow(() ->
                                new StartupException(
                                        Exit.INTEGRITY,
                                        "the database has a decoy of unknown kind; restore the data"
                                                + " folder from a backup"));
        return Decoy.of(kind, row.subject(), row.mark(), row.salt());
    }

    void add(Decoy decoy) {
        planted.put(new Mark(decoy.kind(), decoy.mark()), decoy);
    }

    void remove(Decoy decoy) {
        planted.remove(new Mark(decoy.kind(), decoy.mark()));
    }

    /** All that are planted. */
    List<Decoy> all() {
        return List.copyOf(planted.values());
    }

    Optional<Decoy> find(DecoyKind kind, String subject) {
        return planted.values().stream()
                .filter(decoy -> decoy.kind() == kind && decoy.subject().equals(subject))
                .findFirst();
    }

    /** Identities of a tenant whose credentials are decoys: nodes are to refuse them. */
    public Set<String> credentialsOf(String tenant) {
        return planted.values().stream()
                .filter(decoy -> decoy.kind() == DecoyKind.CREDENTIAL)
                .map(Decoy::mark)
                .filter(uri ->
                        Principal.ofUri(uri).filter(who -> who.tenant().equals(tenant)).isPresent())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public boolean keepsOut(Visitor visitor) {
        String uri = visitor.principal().uri();
        Optional<Decoy> himself = at(DecoyKind.CREDENTIAL, uri);
        if (himself.isEmpty()) {
            seen.add(uri);
        }
        himself.ifPresent(decoy -> touched(new Touch(visitor, decoy, Word.OWN)));
        return himself.isPresent() || isOut(visitor);
    }

    /** Whether somebody called since this process began, before he was a decoy or without. */
    boolean wasSeen(String identity) {
        return seen.contains(identity);
    }

    /**
     * A node says that somebody called it with a decoy credential, which it refused. Nodes may lie:
     * the vault's own alarm of the same credential stays as it was.
     */
    void usedElsewhere(Visitor visitor) {
        at(DecoyKind.CREDENTIAL, visitor.principal().uri())
                .ifPresent(decoy -> touched(new Touch(visitor, decoy, Word.HEARSAY)));
    }

    @Override
    public void askedForNothing(Visitor visitor) {
        at(DecoyKind.METHOD, visitor.method())
                .ifPresent(decoy -> touched(new Touch(visitor, decoy, Word.OWN)));
    }

    @Override
    public boolean permits(Visitor visitor, Message request) {
        if (isOut(visitor)) {
            return false;
        }
        Optional<Touches> touches = Touches.of(request);
        Optional<Decoy> decoy = touches.flatMap(this::at);
        decoy.ifPresent(touched -> touched(new Touch(visitor, touched, Word.OWN)));
        return decoy.isEmpty() || touches.get().answer() == Answer.LIKE_ANY;
    }

    private boolean isOut(Visitor visitor) {
        String uri = visitor.principal().uri();
        return unrecorded.contains(uri) || log.views().quarantines().find(uri).isPresent();
    }

    private Optional<Decoy> at(Touches touches) {
        return at(DecoyKind.MODEL, touches.model()).or(() -> at(DecoyKind.KEY, touches.version()));
    }

    private Optional<Decoy> at(DecoyKind kind, String mark) {
        return Optional.ofNullable(planted.get(new Mark(kind, mark)));
    }

    /** The first one puts him out; further ones are heard of as far as they are news. */
    private void touched(Touch touch) {
        String uri = touch.visitor().principal().uri();
        boolean first = !isOut(touch.visitor()) && unrecorded.add(uri);
        if (repeats.isNews(touch) || first) {
            alarms.execute(() -> {
                EVENTS.error(AlarmEvent.line(touch, clock.instant()));
                record(touch);
            });
        }
    }

    /** Until it is on disk, he stays out for as long as this process runs. */
    private void record(Touch touch) {
        try {
            log.append(describe(touch));
            unrecorded.remove(touch.visitor().principal().uri());
            log.checkpoint();
        } catch (RefusedException e) {
            LOG.warn("decoy.record-not-signed {}", e.getMessage()); // the next checkpoint covers it
        } catch (RuntimeException e) {
            LOG.error("decoy.touch-not-recorded it is tried again", e);
            if (!alarms.isShutdown()) {
                var _ = alarms.schedule(() -> record(touch), AGAIN_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private static Decision describe(Touch touch) {
        Visitor visitor = touch.visitor();
        Decoy decoy = touch.decoy();
        Principal who = visitor.principal();
        return Decision.of(AuditRecord.DECOY_TOUCHED, who.uri(), who.tenant())
                .with("decoy", decoy.id())
                .with("kind", decoy.kind().label())
                .with("method", visitor.method())
                .with("identity", who.uri())
                .with("key", visitor.key())
                .with("source", visitor.source())
                .with("word", touch.word().label());
    }

    @Override
    public void close() {
        alarms.shutdown();
        try {
            if (!alarms.awaitTermination(LAST_WORDS_SECONDS, TimeUnit.SECONDS)) {
                alarms.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
