package dev.strongroom.bench.guard;

import dev.strongroom.bench.serve.NodeLoad;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Requests of one honest caller, encoded beforehand. When all were asked they come again with
 * another last number, because a guard judges nobody's exact repeats. Thread-safe.
 */
public final class HonestRequests implements Supplier<byte[]> {
    private static final int LENGTH_AT = 8; // of a NumPy file's header, version 1
    private static final float STEP = 1e-5f;

    private final List<byte[]> requests = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param rows a NumPy file of float32, version 1, as {@code redteam victim} writes it
     */
    public HonestRequests(String model, Path rows, int width) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(rows)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(LENGTH_AT + Short.BYTES + bytes.getShort(LENGTH_AT));
        var row = new float[width];
        while (bytes.hasRemaining()) {
            bytes.asFloatBuffer().get(row);
            bytes.position(bytes.position() + width * Float.BYTES);
            requests.add(NodeLoad.floats(model, row));
        }
    }

    public int count() {
        return requests.size();
    }

    @Override
    public byte[] get() {
        int number = next.getAndIncrement() & Integer.MAX_VALUE;
        byte[] request = requests.get(number % requests.size()).clone();
        int last = request.length - Float.BYTES; // raw contents end the message
        var numbers = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
        int round = number / requests.size();
        numbers.putFloat(last, numbers.getFloat(last) + STEP * round);
        return request;
    }
}
