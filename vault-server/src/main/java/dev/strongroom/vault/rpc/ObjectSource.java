package dev.strongroom.vault.rpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.proto.v1.FetchObjectResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/** Sealed bytes of one object in chunks, read only when the caller has room. */
final class ObjectSource implements Answers.Source<FetchObjectResponse> {
    private static final int CHUNK_BYTES = 256 * 1024; // a handful in flight a call: 256 MiB heaps

    private final SeekableByteChannel channel;

    ObjectSource(SeekableByteChannel channel) {
        this.channel = channel;
    }

    @Override
    public Optional<FetchObjectResponse> next() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        while (chunk.hasRemaining() && channel.read(chunk) >= 0) {
            // until full or at the end
        }
        if (chunk.flip().limit() == 0) {
            return Optional.empty();
        }
        return Optional.of(
                FetchObjectResponse.newBuilder()
                        .setChunk(UnsafeByteOperations.unsafeWrap(chunk))
                        .build());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
