package dev.strongroom.attestation.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@code /sys/kernel/config/tsm/report} of a running kernel. */
final class KernelTsm implements Tsm {
    static final Path ROOT = Path.of("/sys/kernel/config/tsm/report");
    private static final int MAX_BYTES = 64 * 1024; // the kernel's own limit for blobs is 32 KiB

    private final Path root;

    KernelTsm(Path root) {
        this.root = root;
    }

    @Override
    public void mkdir(String request) throws IOException {
        Files.createDirectory(root.resolve(request));
    }

    @Override
    public byte[] read(String request, String file) throws IOException {
        try (var in = Files.newInputStream(root.resolve(request).resolve(file))) {
            byte[] value = in.readNBytes(MAX_BYTES + 1);
            if (value.length > MAX_BYTES) {
                throw new IOException(file + ": at most " + MAX_BYTES + " bytes");
            }
            return value;
        }
    }

    @Override
    public void write(String request, String file, byte[] value) throws IOException {
        Path path = root.resolve(request).resolve(file);
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            int written = channel.write(ByteBuffer.wrap(value));
            if (written != value.length) {
                throw new IOException(file + ": wrote " + written + " of " + value.length);
            }
        }
    }

    @Override
    public void remove(String request) throws IOException {
        Files.delete(root.resolve(request));
    }
}
