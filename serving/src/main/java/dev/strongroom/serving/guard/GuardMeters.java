package dev.strongroom.serving.guard;

import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.guard.shape.Rung;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rates by model and tier, for operators: what was asked and what became of it, never who asked.
 *
 * <p>Thread-safe.
 */
public final class GuardMeters {
    private final MeterRegistry registry;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    public GuardMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void answered(String model, TierName tier, Rung rung, long rows, double bits) {
        counter("strongroom.guard.rows", model, tier, "rung", rung.name()).increment((double) rows);
        counter("strongroom.guard.bits", model, tier, "rung", rung.name()).increment(bits);
    }

    void refused(String model, TierName tier, String reason) {
        counter("strongroom.guard.refused", model, tier, "reason", reason).increment();
    }

    void moved(String model, TierName tier, Rung rung) {
        counter("strongroom.guard.moves", model, tier, "rung", rung.name()).increment();
    }

    /**
     * A question that the calibration has no idea of: its caller gets the best class and a band.
     */
    void unjudged(String model) {
        counters.computeIfAbsent(
                        model, _ -> registry.counter("strongroom.guard.unjudged", "model", model))
                .increment();
    }

    private Counter counter(String name, String model, TierName tier, String detail, String value) {
        return counters.computeIfAbsent(
                String.join("\n", name, model, tier.label(), value),
                _ -> registry.counter(name, "model", model, "tier", tier.label(), detail, value));
    }
}
