package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * What the agent decided, in one file that only grows; all that it remembers is read from here at
 * its start. An entry is
 *
 * <pre>
 *   u32 n | AuditRecord, n bytes | link, 32 bytes
 * </pre>
 *
 * whose link is the SHA-256 of the link before and the record, so that nothing before the last link
 * can be changed, left out or moved. An entry is on the disk when {@link #append} returns. A torn
 * one at the end had no effect and is cut off; whatever else does not fit is damage.
 *
 * <p>Not thread-safe.
 */
final class DecisionLog implements AutoCloseable {
    private static final String DOMAIN = "strongroom/agent-log";
    private static final Digest BEFORE_FIRST = Digest.of(new byte[Digest.BYTES]);

    private final FileChannel file;
    private long end;
    private long size;
    private Digest head;

    /** Gets every decision of a log, from number 0 on. */
    @FunctionalInterface
    interface Reader {
        /**
         * Takes in one decision.
         *
         * @throws SealedFormatException when the record does not follow from those before
         */
        void read(long number, AuditRecord record) throws SealedFormatException;
    }

    record Whole(long end, long size, Digest head) {}

    private DecisionLog(FileChannel file, Whole whole) {
        this.file = file;
        this.end = whole.end();
        this.size = whole.size();
        this.head = whole.head();
    }

    /**
     * Opens a log to go on with it, a new one if there is none.
     *
     * @throws SealedFormatException when it is damaged
     */
    static DecisionLog open(Path path, Reader reader) throws IOException, SealedFormatException {
        FileChannel file =
                FileChannel.open(
                        path,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            Whole whole = readAll(Channels.newInputStream(file), reader);
            file.truncate(whole.end());
            return new DecisionLog(file, whole);
        } catch (IOException | SealedFormatException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Reads a log that an agent may be writing to. */
    static void read(Path path, Reader reader) throws IOException, SealedFormatException {
        try (var file = FileChannel.open(path, StandardOpenOption.READ)) {
            readAll(Channels.newInputStream(file), reader);
        }
    }

    /** Where a log ends, how many entries it has, and the last one's link. */
    static Whole readAll(InputStream bytes, Reader reader)
            throws IOException, SealedFormatException {
        var in = new DataInputStream(new BufferedInputStream(bytes));
        var whole = new Whole(0, 0, BEFORE_FIRST);
        try {
            while (true) {
                int length = in.readInt();
                if (length <= 0 || length > AuditRecord.MAX_BYTES) {
                    throw damaged(whole, "a length of " + length);
                }
                byte[] record = in.readNBytes(length);
                byte[] link = in.readNBytes(Digest.BYTES);
                if (link.length < Digest.BYTES) {
                    return whole;
                }
                Digest next = link(whole.head(), record);
                if (!Arrays.equals(link, next.bytes())) {
                    throw damaged(whole, "a link that does not follow");
                }
                reader.read(whole.size(), AuditRecord.decode(record));
                long entry = Integer.BYTES + (long) length + Digest.BYTES;
                whole = new Whole(whole.end() + entry, whole.size() + 1, next);
            }
        } catch (EOFException e) {
            return whole;
        }
    }

    private static SealedFormatException damaged(Whole before, String what) {
        return new SealedFormatException("decision " + before.size() + ": " + what);
    }

    private static Digest link(Digest before, byte[] record) {
        return Digest.sha256(
                Canonical.of(DOMAIN, 1).bytes(before.bytes()).bytes(record).toByteArray());
    }

    /**
     * Writes a decision down, durably.
     *
     * @return its number, from 0
     * @throws IOException when it could not be written: then it must have no effect
     */
    long append(AuditRecord decision) throws IOException {
        byte[] record = decision.encode();
        Digest next = link(head, record);
        ByteBuffer entry =
                ByteBuffer.allocate(Integer.BYTES + record.length + Digest.BYTES)
                        .putInt(record.length)
                        .put(record)
                        .put(next.bytes())
                        .flip();
        file.truncate(end); // what a failed append left
        long at = end;
        while (entry.hasRemaining()) {
            at += file.write(entry, at);
        }
        file.force(true);
        end = at;
        head = next;
        return size++;
    }

    long size() {
        return size;
    }

    /** Link of the last entry: names the whole log. */
    Digest head() {
        return head;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
