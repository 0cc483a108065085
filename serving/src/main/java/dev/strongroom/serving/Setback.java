package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.Version;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Remembers which version could not be followed: it is tried again after a pause, which doubles
 * each time, and not at each look, since every try takes a lease and a record of the vault's log.
 * Another version, another seal or another policy is tried at once.
 *
 * <p>For one thread at a time.
 */
final class Setback {
    static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    static final Duration LONGEST_PAUSE = Duration.ofHours(6);

    private final LongSupplier nanos;
    private Optional<Failed> last = Optional.empty();

    /** What a version is in the eyes of a node. */
    record Attempt(Digest manifest, List<PolicyReference> policies) {
        static Attempt of(Version version) {
            return new Attempt(
                    version.manifest().digest(),
                    List.of(version.release().reference(), version.output().reference()));
        }

        static Attempt of(Grant grant) {
            return new Attempt(grant.manifest().digest(), grant.policies());
        }
    }

    private record Failed(Attempt attempt, Duration pause, long since) {}

    /**
     * @param nanos a clock that nobody sets
     */
    Setback(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether something may be tried now. */
    boolean permits(Attempt attempt) {
        return last.filter(failed -> failed.attempt().equals(attempt))
                .filter(failed -> nanos.getAsLong() - failed.since() < failed.pause().toNanos())
                .isEmpty();
    }

    /** Says that it was tried and failed; answers the pause. */
    Duration failed(Attempt attempt) {
        Duration pause =
                last.filter(before -> before.attempt().equals(attempt))
                        .map(before -> longer(before.pause()))
                        .orElse(FIRST_PAUSE);
        last = Optional.of(new Failed(attempt, pause, nanos.getAsLong()));
        return pause;
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
}
