package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.Upload;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload: a header, then chunks. The next message is asked for only when the last is written,
 * so a slow disk slows the sender. Whatever arrived stays, however the call ends.
 */
final class UploadCall implements StreamObserver<UploadObjectRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(UploadCall.class);
    private static final int MAX_CHUNK_BYTES = 1 << 20;

    private final Opening opening;
    private final StreamObserver<UploadObjectResponse> answer;
    private @Nullable Upload upload;
    private boolean ended;

    /** Finds what the header names. */
    @FunctionalInterface
    interface Opening {
        Upload open(ModelName model, VersionId version, int fileIndex, long offset)
                throws RefusedException, IOException;
    }

    UploadCall(Opening opening, StreamObserver<UploadObjectResponse> answer) {
        this.opening = opening;
        this.answer = answer;
    }

    @Override
    public void onNext(UploadObjectRequest part) {
        if (ended) {
            return;
        }
        try {
            switch (part.getPartCase()) {
                case HEADER -> open(part.getHeader());
                case CHUNK -> write(part.getChunk());
                case PART_NOT_SET -> throw Messages.malformed("expected a header or a chunk");
            }
        } catch (RefusedException | IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void open(UploadObjectRequest.Header header) throws RefusedException, IOException {
        if (upload != null) {
            throw Messages.malformed("a second header; one call sends one file");
        }
        upload =
                opening.open(
                        Messages.model(header.getModel()),
                        Messages.version(header.getVersionId()),
                        header.getFileIndex(),
                        header.getOffset());
    }

    private void write(ByteString chunk) throws RefusedException, IOException {
        if (chunk.size() > MAX_CHUNK_BYTES) {
            throw Messages.malformed("chunk: at most " + MAX_CHUNK_BYTES + " bytes");
        }
        Upload opened = opened();
        for (ByteBuffer bytes : chunk.asReadOnlyByteBufferList()) {
            opened.write(bytes);
        }
    }

    private Upload opened() throws RefusedException {
        Upload opened = upload;
        if (opened == null) {
            throw Messages.malformed("expected a header first");
        }
        return opened;
    }

    @Override
    public void onCompleted() {
        if (ended) {
            return;
        }
        try {
            long durable = opened().finish();
            ended = true;
            answer.onNext(UploadObjectResponse.newBuilder().setDurableBytes(durable).build());
            answer.onCompleted();
        } catch (RefusedException | IOException | RuntimeException e) {
            fail(e);
        }
    }

    /** The caller is gone; its bytes wait for the next call. */
    @Override
    public void onError(Throwable cancelled) {
        ended = true;
        close();
    }

    private void fail(Exception e) {
        ended = true;
        close();
        answer.onError(e);
    }

    private void close() {
        Upload opened = upload;
        if (opened == null) {
            return;
        }
        try {
            opened.close();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("upload.close-failed");
        }
    }
}
