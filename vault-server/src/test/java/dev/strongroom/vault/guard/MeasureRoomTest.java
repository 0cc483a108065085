package dev.strongroom.vault.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.vault.TestClock;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.TestLog;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.guard.MeasureDesk.Room;
import dev.strongroom.vault.guard.MeasureDesk.Subject;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.watch.LeaseWatches;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners' certificates in wrong hands leave operators the room that an incident needs. */
class MeasureRoomTest {
    private static final ModelName MODEL = ModelName.parse("acme/bert");

    private final TestClock clock = new TestClock();
    @TempDir private Path dir;
    private Database database;
    private LeaseWatches watches;
    private MeasureDesk desk;

    @BeforeEach
    void open() throws Exception {
        database = Database.open(dir);
        TestLog made = TestLog.open(database, clock);
        AuditLog log = made.log();
        log.append(
                Decision.of(AuditRecord.VERSION_COMMITTED, "test", "acme")
                        .with("model", MODEL)
                        .with("number", 1));
        for (int member = 0; member < 10; member++) {
            log.append(
                    Decision.of(AuditRecord.CERTIFICATE_ISSUED, "test", "acme")
                            .with("purpose", "client")
                            .with("identity", "spiffe://strongroom/acme/consumer/" + member)
                            .with("key", ("0" + member).repeat(32))
                            .with("group", "group-" + member));
        }
        watches = new LeaseWatches(log, made::signer, _ -> Set.of(), clock);
        desk = new MeasureDesk(log, watches, clock, new Room(2, 7, 3));
    }

    @AfterEach
    void close() {
        watches.close();
        database.close();
    }

    @Test
    void ownersFillTheirRoomAndOperatorsHaveTheirs() throws Exception {
        assertThat(taken("acme/owner/one", 10)).isEqualTo(2);
        assertThat(taken("acme/owner/two", 10)).isEqualTo(2);
        assertThat(taken("acme/owner/three", 10)).as("no room for owners").isZero();
        assertThat(taken("-/operator/ann", 10)).isEqualTo(2);
        assertThat(taken("-/operator/bob", 10)).isEqualTo(1);
        assertThat(taken("-/operator/cid", 10)).as("no room at all").isZero();
        tighten(who("acme/owner/one"), "group-0", "suspend"); // in place of his own
        desk.loosen(who("acme/owner/one"), group("group-0"), "over");
        assertThat(taken("-/operator/cid", 10)).isEqualTo(1);
    }

    /** How many of so many measures there was room for. */
    private int taken(String name, int wanted) throws RefusedException {
        for (int at = 0; at < wanted; at++) {
            try {
                tighten(who(name), "group-" + at, "throttle");
            } catch (RefusedException e) {
                assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_REQUESTS);
                return at;
            }
        }
        return wanted;
    }

    @Test
    void oneIdentityTakesSoManyStepsAMinute() throws Exception {
        Principal busy = who("-/operator/ann");
        for (int step = 0; step < 240; step++) {
            assertThatThrownBy(() -> tighten(busy, "group-1", "no step"))
                    .hasMessageContaining("step: expected");
        }
        assertThatThrownBy(() -> tighten(busy, "group-1", "suspend"))
                .hasMessageContaining("at most 240");
        tighten(who("-/operator/bob"), "group-1", "suspend");
    }

    private void tighten(Principal by, String group, String step) throws RefusedException {
        desk.tighten(by, group(group), step, "scrapes");
    }

    private static Subject group(String name) throws RefusedException {
        return Subject.of(MODEL, "group", name);
    }

    private static Principal who(String name) {
        return Principal.ofUri("spiffe://strongroom/" + name).orElseThrow();
    }
}
