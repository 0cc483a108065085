package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Sends the sealed files of a version from where the vault has them. Not thread-safe. */
final class Uploader {
    private static final int CHUNK_BYTES = 256 * 1024; // the protocol allows 1 MiB

    private final VaultConnection vault;
    private final VerifiedManifest manifest;
    private final Progress progress;
    private long sent;

    Uploader(VaultConnection vault, VerifiedManifest manifest, Progress progress) {
        this.vault = vault;
        this.manifest = manifest;
        this.progress = progress;
    }

    /** Sends one file, unless the vault has all of it. */
    void send(int index, Path file, long durableBytes)
            throws ClientException, IOException, InterruptedException {
        long sealedBytes = manifest.seal().files().get(index).sealedBytes();
        Checks.require(
                durableBytes >= 0 && durableBytes <= sealedBytes,
                "the vault says it has " + durableBytes + " of " + sealedBytes + " bytes",
                "ask the vault's operator");
        sent += durableBytes;
        progress.advanced(sent);
        if (durableBytes < sealedBytes) {
            sendFrom(index, file, durableBytes);
        }
    }

    private void sendFrom(int index, Path file, long offset)
            throws IOException, InterruptedException {
        var call = vault.uploads().uploadObject();
        try (FileChannel channel = FileChannel.open(file)) {
            write(call, UploadObjectRequest.newBuilder().setHeader(header(index, offset)).build());
            var buffer = ByteBuffer.allocate(CHUNK_BYTES);
            for (long at = offset; channel.read(buffer, at) > 0; buffer.clear()) {
                buffer.flip();
                at += buffer.remaining();
                sent += buffer.remaining();
                write(
                        call,
                        UploadObjectRequest.newBuilder()
                                .setChunk(ByteString.copyFrom(buffer))
                                .build());
                progress.advanced(sent);
            }
            call.halfClose();
            call.read();
        } catch (StatusException e) {
            throw e.getStatus().asRuntimeException(e.getTrailers());
        } catch (RuntimeException | IOException | InterruptedException e) {
            call.cancel("the upload was given up", e);
            throw e;
        }
    }

    private UploadObjectRequest.Header header(int index, long offset) {
        return UploadObjectRequest.Header.newBuilder()
                .setModel(manifest.content().model().toString())
                .setVersionId(ByteString.copyFrom(manifest.content().versionId().bytes()))
                .setFileIndex(index)
                .setOffset(offset)
                .build();
    }

    /** Waits while the vault is slower than this side; fails with the vault's status. */
    private static void write(
            BlockingClientCall<UploadObjectRequest, UploadObjectResponse> call,
            UploadObjectRequest request)
            throws StatusException, InterruptedException {
        if (!call.write(request)) {
            call.read(); // throws the status that ended the call
        }
    }
}
