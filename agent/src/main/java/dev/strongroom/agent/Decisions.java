package dev.strongroom.agent;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The agent's memory and its log, one decision at a time: what is decided on is what was remembered
 * until the record of the decision is durable.
 *
 * <p>Thread-safe.
 */
final class Decisions {
    private final AgentMemory memory;
    private final DecisionLog log;
    private final InstantSource clock;
    private final ReentrantLock deciding = new ReentrantLock();

    /** Decides on what is remembered, and writes it down. */
    @FunctionalInterface
    interface Rule<T> {
        T decide(AgentMemory memory, Pen pen) throws Refusal, IOException;
    }

    /** Writes one record, durably; memory has it then, too. */
    @FunctionalInterface
    interface Pen {
        long write(String type, String actor, Map<String, String> fields) throws IOException;
    }

    Decisions(AgentMemory memory, DecisionLog log, InstantSource clock) {
        this.memory = memory;
        this.log = log;
        this.clock = clock;
    }

    /**
     * Runs a rule while nothing else is decided.
     *
     * @throws IOException when the record could not be written: nothing was decided
     */
    <T> T decide(Rule<T> rule) throws Refusal, IOException {
        deciding.lock();
        try {
            return rule.decide(memory, this::append);
        } finally {
            deciding.unlock();
        }
    }

    /** Writes a record that follows from no rule. */
    long write(String type, String actor, Map<String, String> fields) throws IOException {
        deciding.lock();
        try {
            return append(type, actor, fields);
        } finally {
            deciding.unlock();
        }
    }

    private long append(String type, String actor, Map<String, String> fields) throws IOException {
        AuditRecord record = Records.of(type, clock.instant(), actor, fields);
        long decision = log.append(record);
        try {
            memory.read(decision, record);
        } catch (SealedFormatException e) {
            throw new IllegalStateException("a record of our own does not read", e);
        }
        return decision;
    }
}
