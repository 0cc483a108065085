package dev.strongroom.sim.demo;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls a node without pause from several threads until it is closed, so that at nearly every
 * moment a call is in flight. Thread-safe.
 */
public final class InferenceLoop implements AutoCloseable {
    private final InferenceClient client;
    private final List<Tensor> inputs;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final CountDownLatch firstAnswer = new CountDownLatch(1);
    private final ExecutorService callers;
    private volatile boolean closing;

    /** Starts calling at once. */
    public InferenceLoop(InferenceClient client, List<Tensor> inputs, int threads) {
        this.client = client;
        this.inputs = inputs;
        this.callers = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            callers.execute(this::call);
        }
    }

    private void call() {
        while (!closing) {
            try {
                client.infer(inputs);
                answered.incrementAndGet();
                firstAnswer.countDown();
            } catch (ClientException | StatusRuntimeException e) {
                failed.incrementAndGet();
            }
        }
    }

    /** Waits until inference is under way; false if it is not within ten seconds. */
    public boolean underWay() throws InterruptedException {
        return firstAnswer.await(10, TimeUnit.SECONDS);
    }

    /** Calls answered so far. */
    public long answered() {
        return answered.get();
    }

    /** Calls that did not get an answer. */
    public long failed() {
        return failed.get();
    }

    /** Lets the calls in flight end and starts no more. */
    @Override
    public void close() {
        closing = true;
        callers.close();
    }
}
