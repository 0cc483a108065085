package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Sends sealed bytes as fast as the vault takes them. For one file. */
final class ResealUpload {
    private static final int CHUNK_BYTES = 1 << 20; // what the vault takes at most

    private final BlockingClientCall<UploadObjectRequest, UploadObjectResponse> call;
    private final Path file;

    ResealUpload(BlockingClientCall<UploadObjectRequest, UploadObjectResponse> call, Path file) {
        this.call = call;
        this.file = file;
    }

    /** Returns when the vault has the whole file; nothing is sent when it had it before. */
    void send(UploadObjectRequest.Header header) throws IOException, StatusException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (header.getOffset() >= channel.size()) {
                call.cancel("the vault has all of it", null);
                return;
            }
            write(UploadObjectRequest.newBuilder().setHeader(header).build());
            sendFrom(channel, header.getOffset());
            call.halfClose();
            call.read();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            call.cancel("the upload was given up", e);
            throw new InterruptedIOException("the upload was interrupted");
        } catch (IOException | RuntimeException e) {
            call.cancel("the upload was given up", e);
            throw e;
        }
    }

    private void sendFrom(FileChannel channel, long offset)
            throws IOException, StatusException, InterruptedException {
        var buffer = ByteBuffer.allocate(CHUNK_BYTES);
        for (long at = offset; channel.read(buffer, at) > 0; buffer.clear()) {
            buffer.flip();
            at += buffer.remaining();
            write(UploadObjectRequest.newBuilder().setChunk(ByteString.copyFrom(buffer)).build());
        }
    }

    /** Waits while the vault is slower than this side; fails with the vault's status. */
    private void write(UploadObjectRequest request) throws StatusException, InterruptedException {
        if (!call.write(request)) {
            call.read(); // throws the status that ended the call
        }
    }
}
