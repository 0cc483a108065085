package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.GetRotationRequest;
import dev.strongroom.sim.demo.DemoFailure;
import dev.strongroom.vault.fault.FaultPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ends the vault's process at every named fault point and at random moments, during pushes and
 * rotations. After each restart all that was answered is there and opens, nothing is there twice or
 * half, the log continues what was seen, and the interrupted command goes on when it is run again.
 */
@Tag("nightly")
class CrashTest {
    /** {@code -Dstrongroom.crash.seed=N} repeats a run's choices; its timing is the machine's. */
    private static final long SEED = Long.getLong("strongroom.crash.seed", 20_260_722L);

    private static final Duration HALTS_WITHIN = Duration.ofSeconds(60);
    private static final Duration WAIT = Duration.ofSeconds(1);

    /** What the vault's own tests die at: destroying a key, renewing a seal. */
    private static final Set<FaultPoint> ELSEWHERE =
            EnumSet.of(
                    FaultPoint.DESTRUCTION_AUDITED,
                    FaultPoint.DESTROYED_IN_TOKEN,
                    FaultPoint.RESEAL_IMPORTED,
                    FaultPoint.RESEAL_IN_TRANSACTION,
                    FaultPoint.RESEAL_SWAPPED);

    private static final int SEVERAL_CHUNKS = 900_000; // the client sends 256 KiB at a time
    private static final Duration FIRST_GUESS = Duration.ofMillis(400); // how long a command takes
    private static final Duration SHORTEST = Duration.ofMillis(50); // also when nothing was left
    private static final int VERSIONS_AT_FIRST = 3;

    private Deployment world;
    private Ledger ledger;
    private ReleaseProbe probe;
    private ModelName model;

    @BeforeEach
    void makeWorld() throws Exception {
        world = Deployment.withoutModel();
        ledger = new Ledger(world, world.acme());
        probe = new ReleaseProbe(world, world.acme());
        model = world.acme().model("tiny");
        world.permit(model);
        for (int i = 0; i < VERSIONS_AT_FIRST; i++) {
            ledger.remember(push(source(i)));
        }
        world.configureVault("limits: {rotationBatch: 2}"); // several batches with few versions
        world.vault().kill();
    }

    @AfterEach
    void removeWorld() throws Exception {
        world.close();
    }

    private Path source(int seed) throws IOException {
        Path file = world.owner().resolve("source-" + seed + ".onnx");
        return TinyModel.writePadded(file, seed, SEVERAL_CHUNKS);
    }

    private Outcome push(Path source) {
        String name = model.toString();
        return world.command(
                world.acme().owner(),
                "model",
                "push",
                name,
                "" + source,
                "--no-prepare",
                "-o",
                "json");
    }

    private Outcome rotate() {
        return world.command(
                world.acme().owner(), "keys", "rotate", "--tenant", "acme", "-o", "json");
    }

    private List<String> kekStates() throws Exception {
        return ledger.keks().stream().map(Kek::getState).toList();
    }

    private void everythingOpens(int unanswered) throws Exception {
        probe.openAll(ledger.compare(unanswered));
    }

    // Named fault points

    /** The vault that has died is started again, to die at another point. */
    private void restart(String faultPoint) throws Exception {
        world.startVault(Launch.failingAt(faultPoint));
    }

    private void diesDuring(Callable<Outcome> command) throws Exception {
        assertThat(command.call().exit()).as("exit code of the interrupted command").isEqualTo(2);
        diedAtItsFaultPoint();
    }

    private void diedAtItsFaultPoint() throws InterruptedException {
        assertThat(world.vault().awaitEnd(HALTS_WITHIN)).isEqualTo(FaultPoint.HALT_CODE);
    }

    /** One push and one rotation, each of which dies at every one of its points in turn. */
    @Test
    void losesNothingAtAnyFaultPoint() throws Exception {
        Set<FaultPoint> passed = EnumSet.noneOf(FaultPoint.class);
        Path source = source(100);
        for (String point :
                List.of(
                        "UPLOAD_CHUNK_WRITTEN:2",
                        "OBJECT_DURABLE",
                        "COMMIT_AUDITED",
                        "COMMIT_IN_TRANSACTION")) {
            restart(point);
            ledger.compare(0);
            diesDuring(() -> push(source));
            passed.add(pointOf(point));
        }
        restart("RELEASE_AUDITED");
        ledger.compare(0);
        ledger.remember(push(source));
        try {
            probe.open(model, 1);
        } catch (io.grpc.StatusRuntimeException e) {
            passed.add(FaultPoint.RELEASE_AUDITED);
        }
        diedAtItsFaultPoint();
        restart("KEK_CREATED");
        everythingOpens(0);
        diesDuring(this::rotate);
        passed.add(FaultPoint.KEK_CREATED);
        for (String point :
                List.of(
                        "BATCH_MADE:2",
                        "BATCH_IN_TRANSACTION",
                        "BATCH_DURABLE",
                        "BEFORE_RETIRE",
                        "RETIRED_IN_TOKEN")) {
            diesGoingOn(point);
            passed.add(pointOf(point));
        }
        restart("TENANT_AUDITED");
        everythingOpens(0);
        rotationEnds();
        assertThat(kekStates()).containsExactly("retired", "active");
        everythingOpens(0);
        Path beta = world.owner().resolve("context-beta");
        world.command(beta, "owner", "init").succeeded();
        diesDuring(() -> createTenant(beta));
        passed.add(FaultPoint.TENANT_AUDITED);
        restart("KEK_CREATED");
        diesDuring(() -> createTenant(beta));
        world.startVault(Launch.plain());
        createTenant(beta).succeeded();
        everythingOpens(0);
        assertThat(ledger.size()).isEqualTo(VERSIONS_AT_FIRST + 1);
        assertThat(leftovers()).isEmpty();
        assertThat(passed).isEqualTo(EnumSet.complementOf(EnumSet.copyOf(ELSEWHERE)));
    }

    /**
     * A rotation goes on by itself once the vault runs again, perhaps before it says that it does.
     */
    private void diesGoingOn(String faultPoint) throws Exception {
        try {
            restart(faultPoint);
        } catch (DemoFailure e) {
            assertThat(e).hasMessageContaining("exit code " + FaultPoint.HALT_CODE);
            return;
        }
        diedAtItsFaultPoint();
    }

    private void rotationEnds() throws Exception {
        var request =
                GetRotationRequest.newBuilder()
                        .setTenant("acme")
                        .setWaitMillis((int) WAIT.toMillis())
                        .build();
        long deadline = System.nanoTime() + HALTS_WITHIN.toNanos();
        try (var vault = world.connect(world.acme().owner())) {
            String state;
            do {
                state = vault.keys().getRotation(request).getRotation().getState();
            } while (state.equals("running") && System.nanoTime() < deadline);
            assertThat(state).isEqualTo("finished");
        }
    }

    private static FaultPoint pointOf(String armed) {
        return FaultPoint.valueOf(armed.split(":", 2)[0]);
    }

    private Outcome createTenant(Path owner) {
        String key = owner.resolve("owner.pub.pem").toString();
        return world.command(world.operator(), "tenant", "create", "beta", "--owner-key", key);
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.walk(world.vaultData().resolve("uploads"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    // Random moments

    private enum Deed {
        PUSH,
        ROTATION,
        BOTH
    }

    /** Counts for the report. */
    private static final class Tally {
        final Map<Deed, Integer> kills = new EnumMap<>(Deed.class);
        int insideATransaction;
        int committedWithoutAnswer;
        int commandsThatWereFaster;

        int total() {
            return kills.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    @Test
    void losesNothingAtRandomMoments() throws Exception {
        killAtRandom(SEED, 6);
    }

    @Test
    void losesNothingAtManyRandomMoments() throws Exception {
        killAtRandom(SEED + 1, 120);
    }

    private void killAtRandom(long seed, int kills) throws Exception {
        var random = new Random(seed);
        var tally = new Tally();
        Map<Deed, Duration> usual = new EnumMap<>(Deed.class);
        world.startVault(Launch.plain());
        try (var executor = Executors.newCachedThreadPool()) {
            for (int round = 0; tally.total() < kills; round++) {
                Deed deed = Deed.values()[tally.total() % Deed.values().length];
                Duration limit = usual.getOrDefault(deed, FIRST_GUESS);
                Duration delay = limit.multipliedBy(random.nextInt(1, 1000)).dividedBy(1000);
                Duration taken = interrupt(executor, deed, source(1000 + round), delay, tally);
                usual.put(deed, taken.compareTo(SHORTEST) > 0 ? taken : SHORTEST);
            }
        }
        everythingOpens(0);
        assertThat(leftovers()).isEmpty();
        System.out.printf(
                "random kills: seed %d, %d landed during a command %s, of these %d inside a"
                        + " transaction (the stopped process held the database's write lock);"
                        + " %d commits were durable without an answer; %d commands ended before"
                        + " their kill%n",
                seed,
                tally.total(),
                tally.kills,
                tally.insideATransaction,
                tally.committedWithoutAnswer,
                tally.commandsThatWereFaster);
    }

    /**
     * Kills the vault during a command, unless the command is done before its moment comes.
     *
     * @return how long the commands take when nobody interrupts them: their next moment is within
     */
    private Duration interrupt(
            ExecutorService executor, Deed deed, Path source, Duration delay, Tally tally)
            throws Exception {
        var pushing = new ArrayList<CompletableFuture<Outcome>>();
        var all = new ArrayList<CompletableFuture<Outcome>>();
        if (deed != Deed.ROTATION) {
            pushing.add(CompletableFuture.supplyAsync(() -> push(source), executor));
            all.addAll(pushing);
        }
        if (deed != Deed.PUSH) {
            all.add(CompletableFuture.supplyAsync(this::rotate, executor));
        }
        var end = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
        if (!endsWithin(end, delay)) {
            tally.kills.merge(deed, 1, Integer::sum);
            var place = SuddenDeath.strike(world.vault(), world.vaultData().resolve("vault.db"));
            tally.insideATransaction += place == SuddenDeath.Place.INSIDE_A_TRANSACTION ? 1 : 0;
            end.join();
            world.startVault(Launch.plain());
        } else {
            tally.commandsThatWereFaster++;
        }
        return goOn(deed, source, pushing, tally);
    }

    private static boolean endsWithin(CompletableFuture<?> end, Duration delay)
            throws InterruptedException, ExecutionException {
        try {
            end.get(delay.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Looks at what is there, then runs the commands that were interrupted again. */
    private Duration goOn(
            Deed deed, Path source, List<CompletableFuture<Outcome>> pushing, Tally tally)
            throws Exception {
        Outcome push = pushing.isEmpty() ? null : pushing.getFirst().join();
        if (push != null && push.exit() == 0) {
            ledger.remember(push);
        }
        boolean unanswered = push != null && push.exit() != 0;
        List<Ledger.Entry> held = ledger.compare(unanswered ? 1 : 0);
        probe.openAll(held);
        long begun = System.nanoTime();
        if (unanswered) {
            tally.committedWithoutAnswer += held.size() - ledger.size();
            ledger.remember(push(source));
        }
        if (deed != Deed.PUSH) {
            rotate().succeeded();
        }
        var taken = Duration.ofNanos(System.nanoTime() - begun);
        if (deed != Deed.PUSH) {
            assertThat(kekStates()).containsOnly("retired", "active");
        }
        ledger.compare(0);
        return taken;
    }
}
