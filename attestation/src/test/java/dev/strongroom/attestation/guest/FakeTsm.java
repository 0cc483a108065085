package dev.strongroom.attestation.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The kernel's configfs-tsm in memory: every write moves {@code generation}, a report exists once
 * {@code inblob} is set, and an option that changed after the report was made gives EWOULDBLOCK.
 */
final class FakeTsm implements Tsm {
    /** What goes wrong, once, at the next chance. */
    enum Trouble {
        BUSY_WRITE,
        WOULD_BLOCK,
        SOMEONE_ELSE_WRITES,
        WRONG_REPORT_DATA
    }

    private static final class Request {
        private long generation;
        private byte[] inblob = new byte[0];
    }

    final Deque<Trouble> troubles = new ArrayDeque<>();
    final Map<String, Object> open = new HashMap<>();
    byte[] auxblob = new byte[0];
    String provider = "sev_guest\n";
    UnaryOperator<byte[]> reporter = FakeTsm::report;
    int requests;

    @Override
    public void mkdir(String request) throws IOException {
        requests++;
        if (open.putIfAbsent(request, new Request()) != null) {
            throw new IOException("File exists");
        }
    }

    @Override
    public byte[] read(String name, String file) throws IOException {
        Request request = request(name);
        return switch (file) {
            case "generation" -> (request.generation + "\n").getBytes(StandardCharsets.US_ASCII);
            case "provider" -> provider.getBytes(StandardCharsets.US_ASCII);
            case "auxblob" -> requireSev(auxblob);
            case "outblob" -> outblob(request);
            default -> throw new IOException("No such file or directory");
        };
    }

    @Override
    public void write(String name, String file, byte[] value) throws IOException {
        Request request = request(name);
        if (next(Trouble.BUSY_WRITE)) {
            throw new IOException("Device or resource busy");
        }
        if (!file.equals("inblob") || value.length > 64) {
            throw new IOException("Invalid argument");
        }
        request.inblob = value.clone();
        request.generation++;
    }

    @Override
    public void remove(String name) throws IOException {
        request(name);
        open.remove(name);
    }

    private byte[] outblob(Request request) throws IOException {
        if (request.inblob.length == 0) {
            throw new IOException("Invalid argument");
        }
        if (next(Trouble.WOULD_BLOCK)) {
            throw new IOException("Resource temporarily unavailable");
        }
        byte[] data = request.inblob.clone();
        if (next(Trouble.SOMEONE_ELSE_WRITES)) {
            data[0] ^= 1;
            request.generation++;
        }
        if (next(Trouble.WRONG_REPORT_DATA)) {
            data[0] ^= 1;
        }
        return reporter.apply(data);
    }

    /** The attribute is there for this driver only. */
    private byte[] requireSev(byte[] attribute) throws IOException {
        if (!provider.startsWith("sev")) {
            throw new IOException("No such file or directory");
        }
        return attribute;
    }

    private boolean next(Trouble trouble) {
        if (troubles.peek() == trouble) {
            troubles.remove();
            return true;
        }
        return false;
    }

    private Request request(String name) throws IOException {
        if (open.get(name) instanceof Request request) {
            return request;
        }
        throw new IOException("No such file or directory");
    }

    static byte[] report(byte[] reportData) {
        var report = ByteBuffer.allocate(1184).order(ByteOrder.LITTLE_ENDIAN);
        report.putInt(0x00, 5);
        report.putLong(0x08, 1L << 17);
        report.putInt(0x34, 1);
        report.put(0x50, reportData);
        return report.array();
    }
}
