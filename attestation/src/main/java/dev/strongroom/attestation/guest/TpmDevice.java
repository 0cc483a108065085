package dev.strongroom.attestation.guest;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The kernel's TPM device with its resource manager: what one opening loads is gone when it closes.
 */
final class TpmDevice implements TpmTransport {
    static final Path PATH = Path.of("/dev/tpmrm0");

    private final FileChannel channel;

    private TpmDevice(FileChannel channel) {
        this.channel = channel;
    }

    static TpmDevice open(Path device) throws IOException {
        return new TpmDevice(
                FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** The driver takes a command with one write and gives its response with one read. */
    @Override
    public byte[] exchange(byte[] command) throws IOException {
        int written = channel.write(ByteBuffer.wrap(command));
        if (written != command.length) {
            throw new IOException("wrote " + written + " of " + command.length + " bytes");
        }
        var response = ByteBuffer.allocate(MAX_BYTES);
        int read = channel.read(response);
        if (read < 0) {
            throw new EOFException("no response");
        }
        return Arrays.copyOf(response.array(), read);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
