package dev.strongroom.bench.push;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes what comes to a file, and answers when the disk has it. */
final class Written implements StreamObserver<byte[]> {
    private final FileChannel file;
    private final StreamObserver<byte[]> answer;

    Written(Path target, StreamObserver<byte[]> answer) {
        this.answer = answer;
        try {
            this.file =
                    FileChannel.open(
                            target,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onNext(byte[] chunk) {
        try {
            var bytes = ByteBuffer.wrap(chunk);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            answer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
        }
    }

    @Override
    public void onCompleted() {
        try (file) {
            file.force(true);
            answer.onNext(new byte[1]);
            answer.onCompleted();
        } catch (IOException e) {
            answer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        try (file) {
            answer.onError(Status.CANCELLED.asRuntimeException());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
