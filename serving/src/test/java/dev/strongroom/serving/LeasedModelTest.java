package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.enclave.lease.LeaseMeter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is left of a model when its session or its memory does not close. */
class LeasedModelTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final List<String> done = new ArrayList<>();

    @Test
    void endsTheSessionAndThenZeroesTheWeights() {
        leased(NOW, () -> done.add("ended"), () -> done.add("zeroed")).close();

        assertThat(done).containsExactly("ended", "zeroed", "node.stopped 4096");
    }

    @Test
    void zeroesTheWeightsOfASessionThatDoesNotEndAndEndsTheProcess() {
        leased(NOW, () -> fail("session"), () -> done.add("zeroed")).close();

        assertThat(done).containsExactly("zeroed and kept", "halted");
    }

    @Test
    void endsTheProcessWhenTheWeightsCannotBeZeroed() {
        leased(NOW, () -> done.add("ended"), () -> fail("memory")).close();

        assertThat(done).containsExactly("ended", "zeroed and kept", "halted");
    }

    @Test
    void revokedItRefusesEndsAndReportsTheRule() {
        try (var model = leased(NOW, () -> done.add("ended"), () -> done.add("zeroed"))) {
            assertThat(model.refusal()).isEmpty();
            model.revoke("revoked.chip");
            assertThat(model.take().orElseThrow().reason()).isEqualTo("LEASE_REVOKED");
            assertThat(model.interruption().orElseThrow().message()).contains("revoked.chip");
        }
        assertThat(done).containsExactly("ended", "zeroed", "revoked.chip 4096");
    }

    @Test
    void theLastInferenceOfACountIsAnsweredAndThenItEnds() {
        try (var model = leased(NOW, () -> done.add("ended"), () -> done.add("zeroed"))) {
            assertThat(model.take()).isEmpty();
            assertThat(model.interruption()).isEmpty();
            assertThat(model.take().orElseThrow().reason()).isEqualTo("LEASE_USED_UP");
        }
        assertThat(done).contains("ended", "zeroed").hasSize(3);
    }

    @Test
    void aLeaseThatIsOverIsNoException() {
        try (var _ =
                leased(NOW.plusSeconds(600), () -> fail("session"), () -> done.add("zeroed"))) {
            assertThat(done).containsExactly("zeroed and kept", "halted");
        }
    }

    @Test
    void endsTheProcessWhenNobodyCanLookForTheEndOfTheLease() {
        var looks = new AtomicInteger();
        InstantSource clock =
                () -> {
                    if (looks.getAndIncrement() == 0) {
                        throw new OutOfMemoryError("as this test has it");
                    }
                    return NOW;
                };
        try (var _ = leased(clock, () -> {}, () -> {})) {
            assertThat(done).containsExactly("halted");
        }
    }

    @Test
    void whatCannotBeReportedIsOverAllTheSame() {
        var model =
                new LeasedModel(
                        new LeaseMeter(lease(), 0, () -> NOW, () -> 0L),
                        new LeasedModel.Parts(
                                () -> {},
                                () -> done.add("ended"),
                                () -> 4096,
                                () -> done.add("zeroed and kept"),
                                List.of(),
                                _ -> fail("vault"),
                                () -> done.add("halted")));

        model.close();

        assertThat(done).containsExactly("ended");
    }

    private LeasedModel leased(Instant now, Runnable endSession, Runnable wipe) {
        return leased(() -> now, endSession, wipe);
    }

    private LeasedModel leased(InstantSource clock, Runnable endSession, Runnable wipe) {
        return new LeasedModel(
                new LeaseMeter(lease(), 0, clock, () -> 0L),
                new LeasedModel.Parts(
                        () -> {},
                        endSession,
                        () -> {
                            wipe.run();
                            return 4096;
                        },
                        () -> done.add("zeroed and kept"),
                        List.of("heap"),
                        told -> done.add(told.rule() + " " + told.wipedBytes()),
                        () -> done.add("halted")));
    }

    private static void fail(String what) {
        throw new IllegalStateException(what);
    }

    private static Lease lease() {
        return lease(0, 0);
    }

    /** Of ten minutes and one inference. */
    static Lease lease(long release, long leaf) {
        return lease(1, release, leaf);
    }

    /** Of ten minutes. */
    static Lease lease(long inferences, long release, long leaf) {
        return new Lease(
                new byte[32],
                new byte[32],
                new byte[16],
                1,
                ModelName.parse("acme/net"),
                VersionId.of(new byte[16]),
                1,
                Digest.sha256(),
                List.of(),
                TrustLevel.SOFTWARE,
                1,
                Tee.SIMULATED,
                Digest.sha256(),
                Digest.sha256(),
                Digest.sha256(),
                Posture.BASE,
                NOW,
                NOW.plusSeconds(600),
                inferences,
                release,
                leaf);
    }
}
