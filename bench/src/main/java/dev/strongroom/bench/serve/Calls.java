package dev.strongroom.bench.serve;

/** Calls of one server that can be warmed up and measured. */
public interface Calls extends Comparison.Side, AutoCloseable {
    /** Until so many calls were answered. */
    void warmUp(long answers) throws InterruptedException;

    @Override
    void close();
}
