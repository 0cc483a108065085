package dev.strongroom.witness;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The last checkpoint cosigned of each log, one file a log. What was remembered is on the disk when
 * {@link #remember} returns. A log without a file is one that this witness forgot, unless it was
 * admitted and nothing of it was cosigned yet.
 *
 * <p>Not thread-safe.
 */
class CheckpointFolder {
    private final Path folder;

    CheckpointFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /**
     * The last one of a log.
     *
     * @return empty for a log of which nothing was cosigned yet
     * @throws IOException also when the file is damaged or missing: a witness that forgot signs
     *     nothing
     */
    Optional<Checkpoint> last(String origin) throws IOException {
        Path file = file(origin);
        if (!Files.exists(file)) {
            if (Files.exists(admission(origin))) {
                return Optional.empty();
            }
            throw new IOException(
                    "this witness remembers nothing of log "
                            + origin
                            + " in "
                            + folder
                            + "; if it never cosigned that log: witness admit --config FILE; if it"
                            + " did, make a new witness in another dataDir");
        }
        try {
            if (Files.size(file) <= SignedCheckpoint.MAX_BYTES) {
                Checkpoint last = SignedCheckpoint.parse(Files.readString(file)).checkpoint();
                if (last.origin().equals(origin)) {
                    return Optional.of(last);
                }
            }
        } catch (SealedFormatException e) {
            throw damaged(file, e);
        }
        throw damaged(file, new SealedFormatException("too long, or of another log"));
    }

    /** Says of a log that is not known here that nothing of it was ever cosigned. */
    void admit(String origin) throws IOException {
        if (!Files.exists(file(origin))) {
            replace(admission(origin), origin + "\n");
        }
    }

    private Path admission(String origin) {
        return file(origin).resolveSibling(file(origin).getFileName() + ".admitted");
    }

    /** Replaces the last one of its log, at once and durably. */
    void remember(SignedCheckpoint signed) throws IOException {
        String origin = signed.checkpoint().origin();
        replace(file(origin), signed.note());
        Files.deleteIfExists(admission(origin)); // the file that stands now outranks it anyway
    }

    private void replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (var channel =
                FileChannel.open(
                        next,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private Path file(String origin) {
        return folder.resolve(Digest.sha256(origin.getBytes(StandardCharsets.UTF_8)).hex());
    }

    private static IOException damaged(Path file, SealedFormatException cause) {
        return new IOException(
                file
                        + " is damaged: this witness does not know any more what it cosigned; make a"
                        + " new one in another dataDir",
                cause);
    }
}
