package dev.strongroom.serving.access;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.Shares;
import java.time.Duration;

/**
 * Bounds the calls under way over all connections and transports: one more is refused before its
 * message is read, so that many connections hold no more memory than few. Tenants have equal parts
 * of them, and no identity has more than half of one. What says who this node is and how it does
 * has places of its own, which inferences do not take, and so does what lasts.
 *
 * <p>Thread-safe.
 */
public final class CallSlots {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final int DESCRIBING = 64; // evidence for all of them is made at once
    private static final int LASTING = 32;

    /** What a call is for. */
    public enum Kind {
        INFERENCE,
        /** Who this node is, what it serves and how it does. */
        DESCRIBING,
        /** Watches, and who explores. */
        LASTING
    }

    private final Places inferences;
    private final Places describing;
    private final Places lasting;

    private record Places(int all, Shares shares) {
        Places(int all, int tenants) {
            this(all, Shares.halves(all, tenants));
        }
    }

    /**
     * @param inferences calls that carry some
     * @param tenants of this node
     */
    public CallSlots(int inferences, int tenants) {
        this.inferences = new Places(inferences, tenants);
        this.describing = new Places(DESCRIBING, tenants);
        this.lasting = new Places(LASTING, tenants);
    }

    /** For one call; who took it gives it back when the call has ended. */
    public void take(Kind kind, Caller caller) throws RefusedException {
        Places places = places(kind);
        if (!places.shares().take(caller.identity(), 1)) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "this node has %d such calls under way at most, %d of one identity; try again"
                                    .formatted(places.all(), places.shares().share())
                            + " later",
                    RETRY_AFTER);
        }
    }

    public void give(Kind kind, Caller caller) {
        places(kind).shares().give(caller.identity(), 1);
    }

    private Places places(Kind kind) {
        return switch (kind) {
            case INFERENCE -> inferences;
            case DESCRIBING -> describing;
            case LASTING -> lasting;
        };
    }
}
