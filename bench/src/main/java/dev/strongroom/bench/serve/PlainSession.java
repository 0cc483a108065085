package dev.strongroom.bench.serve;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.management.ManagementFactory;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** ONNX Runtime in this process with its defaults, two callers with a thread each, no server. */
public final class PlainSession implements AutoCloseable {
    private static final int CALLERS = 2;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final int rows;
    private final int length;

    private record Done(long rows, long processorNanos) {}

    /**
     * @param rows of each run
     * @param length of each row, in tokens
     */
    public PlainSession(Path model, int rows, int length) throws OrtException {
        this.rows = rows;
        this.length = length;
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(model.toString(), options);
        }
    }

    public Sample run(Duration span) throws InterruptedException, ExecutionException {
        long begun = System.nanoTime();
        long end = begun + span.toNanos();
        var callers = new ArrayList<Callable<Done>>();
        for (int i = 0; i < CALLERS; i++) {
            callers.add(() -> call(end));
        }
        long all = 0;
        long used = 0;
        try (var executor = Executors.newFixedThreadPool(CALLERS)) {
            for (Future<Done> done : executor.invokeAll(callers)) {
                all += done.get().rows();
                used += done.get().processorNanos();
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return new Sample(all, seconds, used, 0, new long[0], new long[0], Map.of());
    }

    private Done call(long end) throws OrtException {
        var threads = ManagementFactory.getThreadMXBean();
        long used = threads.getCurrentThreadCpuTime();
        long done = 0;
        while (System.nanoTime() < end) {
            Map<String, OnnxTensor> inputs = new HashMap<>();
            try {
                for (String name : session.getInputNames()) {
                    inputs.put(name, ones());
                }
                try (var result = session.run(inputs)) {
                    done += result.size() > 0 ? rows : 0;
                }
            } finally {
                inputs.values().forEach(OnnxTensor::close);
            }
        }
        return new Done(done, threads.getCurrentThreadCpuTime() - used);
    }

    private OnnxTensor ones() throws OrtException {
        long[] ones = new long[rows * length];
        Arrays.fill(ones, 1);
        return OnnxTensor.createTensor(
                environment, LongBuffer.wrap(ones), new long[] {rows, length});
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
