package dev.strongroom.serving.tune;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Callers of this process's own, each of whom asks again as soon as he is answered, over the path
 * that all inferences take.
 *
 * <p>For one thread at a time. The owner closes it.
 */
final class Crowd implements AutoCloseable {
    private static final int MOST_LATENCIES = 1 << 17; // of one caller in one look; a MiB

    private final InferencePath path;
    private final ModelInferRequest request;
    private final long rows;
    private final String tenant;
    private final AtomicLong left;
    private final long inferences;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(Thread.ofPlatform().name("caller-", 0).factory());

    /** Of one caller, after his warm-up. */
    private record Answers(long[] nanos, long overNanos) {
        double perSecond() {
            return 1e9 * nanos.length / overNanos;
        }
    }

    /**
     * @param rows of the request
     * @param inferences that all of them may take together
     */
    Crowd(InferencePath path, ModelInferRequest request, long rows, long inferences) {
        this.path = path;
        this.request = request;
        this.tenant = ModelName.parse(request.getModelName()).tenant().value();
        this.rows = rows;
        this.inferences = inferences;
        this.left = new AtomicLong(inferences);
    }

    /** How many were taken. */
    long taken() {
        return Math.min(inferences, inferences - left.get());
    }

    /** Has one ask once. */
    void askOnce() throws CutShortException, RefusedException, InterruptedException {
        ask(caller(0));
    }

    /**
     * Has some ask for a while, each twice at least.
     *
     * @param warmUp of which nothing counts
     * @throws CutShortException when there is nothing left to ask with, or they are refused
     */
    Figures look(int callers, Duration warmUp, Duration time)
            throws CutShortException, InterruptedException {
        long from = System.nanoTime() + warmUp.toNanos();
        long until = from + time.toNanos();
        List<Future<Answers>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            int number = i;
            all.add(threads.submit(() -> ask(caller(number), from, until)));
        }
        double perSecond = 0;
        List<long[]> nanos = new ArrayList<>();
        for (Future<Answers> each : all) {
            Answers answers = get(each);
            perSecond += answers.perSecond();
            nanos.add(answers.nanos());
        }
        return Figures.of(rows * perSecond, nanos.stream().flatMapToLong(LongStream::of).toArray());
    }

    private Answers ask(Caller caller, long from, long until)
            throws CutShortException, RefusedException, InterruptedException {
        do {
            ask(caller);
        } while (System.nanoTime() - from < 0);
        long[] nanos = new long[64];
        int count = 0;
        long first = System.nanoTime();
        long now = first;
        do {
            long begun = now;
            ask(caller);
            now = System.nanoTime();
            nanos = count < nanos.length ? nanos : Arrays.copyOf(nanos, 2 * count);
            nanos[count++] = now - begun;
        } while (now - until < 0 && count < MOST_LATENCIES);
        return new Answers(Arrays.copyOf(nanos, count), now - first);
    }

    private void ask(Caller caller)
            throws CutShortException, RefusedException, InterruptedException {
        if (left.getAndDecrement() <= 0) {
            throw new CutShortException(
                    "the %d inferences that it may take are used up; allow more with --inferences"
                            .formatted(inferences));
        }
        var call = new OwnCall(caller, request);
        path.infer(call);
        call.await();
    }

    /** Of the model's tenant, since there is nothing for others. */
    private Caller caller(int number) {
        return new Caller(tenant, "node", "caller-" + number, "", "", tenant, "", number);
    }

    private static Answers get(Future<Answers> answers)
            throws CutShortException, InterruptedException {
        try {
            return answers.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                throw new CutShortException(refused.reason() + ": " + refused.getMessage());
            }
            if (e.getCause() instanceof CutShortException spent) {
                throw new CutShortException(String.valueOf(spent.getMessage()));
            }
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
