package dev.strongroom.attestation.guest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real software TPM in a process of its own. Where swtpm is not installed, tests are skipped. */
final class Swtpm {
    private static final Duration START = Duration.ofSeconds(20);
    private static final int HEADER_BYTES = 10;

    private final Process process;
    private final Path socket;

    private Swtpm(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    static Swtpm start(Path folder) throws IOException, InterruptedException {
        assumeTrue(isInstalled(), "swtpm is not installed (apt-get install swtpm): skipped");
        Path socket = folder.resolve("tpm.sock");
        Process process =
                new ProcessBuilder(
                                "swtpm",
                                "socket",
                                "--tpm2",
                                "--tpmstate",
                                "dir=" + folder,
                                "--ctrl",
                                "type=unixio,path=" + folder.resolve("ctrl.sock"),
                                "--server",
                                "type=unixio,path=" + socket,
                                "--flags",
                                "not-need-init,startup-clear")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("swtpm.log").toFile())
                        .start();
        var tpm = new Swtpm(process, socket);
        tpm.awaitSocket();
        return tpm;
    }

    /** A connection; one at a time. The socket is there a moment before it is listened to. */
    TpmTransport open() throws IOException {
        var address = UnixDomainSocketAddress.of(socket);
        Instant deadline = Instant.now().plus(START);
        while (true) {
            try {
                return new SocketTransport(SocketChannel.open(address));
            } catch (ConnectException e) {
                if (Instant.now().isAfter(deadline) || !process.isAlive()) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    TpmClient client() throws IOException {
        return new TpmClient(open());
    }

    /** For tools: {@code TPM2TOOLS_TCTI}. */
    Path socket() {
        return socket;
    }

    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "swtpm")));
    }

    private void awaitSocket() throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(START);
        while (!Files.exists(socket)) {
            if (Instant.now().isAfter(deadline) || process.waitFor(20, TimeUnit.MILLISECONDS)) {
                stop();
                throw new IOException("swtpm did not start");
            }
        }
    }

    /** swtpm's data channel: commands and responses one after the other, as they are. */
    private record SocketTransport(SocketChannel channel) implements TpmTransport {
        @Override
        public byte[] exchange(byte[] command) throws IOException {
            var out = ByteBuffer.wrap(command);
            while (out.hasRemaining()) {
                channel.write(out);
            }
            var header = read(ByteBuffer.allocate(HEADER_BYTES));
            int size = header.getInt(Short.BYTES);
            if (size < HEADER_BYTES || size > MAX_BYTES) {
                throw new IOException("response: at most " + MAX_BYTES + " bytes");
            }
            return read(ByteBuffer.allocate(size).put(header)).array();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        private ByteBuffer read(ByteBuffer in) throws IOException {
            while (in.hasRemaining()) {
                if (channel.read(in) < 0) {
                    throw new EOFException("swtpm closed the connection");
                }
            }
            return in.flip();
        }
    }
}
