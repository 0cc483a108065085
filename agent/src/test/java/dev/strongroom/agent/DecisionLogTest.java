package dev.strongroom.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionLogTest {
    @TempDir Path folder;

    private static AuditRecord record(int number) {
        return Records.of(
                "a.record", Instant.EPOCH, "somebody", Map.of("number", Integer.toString(number)));
    }

    private Path written(int records) throws Exception {
        Path file = folder.resolve("decisions.log");
        try (var log = DecisionLog.open(file, (_, _) -> {})) {
            for (int i = 0; i < records; i++) {
                assertThat(log.append(record(i))).isEqualTo(i);
            }
        }
        return file;
    }

    private static List<AuditRecord> read(Path file) throws Exception {
        var records = new ArrayList<AuditRecord>();
        DecisionLog.read(file, (_, record) -> records.add(record));
        return records;
    }

    @Test
    void readsWhatItWroteAndGoesOn() throws Exception {
        Path file = written(3);
        assertThat(read(file)).containsExactly(record(0), record(1), record(2));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var log = DecisionLog.open(file, (_, _) -> {})) {
            assertThat(log.append(record(3))).isEqualTo(3);
        }
        assertThat(read(file)).hasSize(4);
    }

    /** The encoding, written down once: u32 length, record, SHA-256 over the link before and it. */
    @Test
    void anEntryIsWhatTheFormatSays() throws Exception {
        byte[] encoded = record(0).encode();
        var linked =
                ByteBuffer.allocate(1 + 4 + 20 + 4 + 32 + 4 + encoded.length)
                        .put((byte) 1)
                        .putInt(20)
                        .put("strongroom/agent-log".getBytes(StandardCharsets.US_ASCII))
                        .putInt(32)
                        .put(new byte[32])
                        .putInt(encoded.length)
                        .put(encoded);
        var entry =
                ByteBuffer.allocate(4 + encoded.length + 32)
                        .putInt(encoded.length)
                        .put(encoded)
                        .put(Digest.sha256(linked.array()).bytes());
        assertThat(Files.readAllBytes(written(1))).isEqualTo(entry.array());
    }

    /** A kill in the middle of a write leaves part of an entry, which had no effect. */
    @Test
    void aTornEntryIsCutOff() throws Exception {
        Path file = written(2);
        byte[] whole = Files.readAllBytes(file);
        int second = whole.length / 2;
        for (int length = second; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (var log = DecisionLog.open(file, (_, _) -> {})) {
                assertThat(log.size()).isEqualTo(1);
                assertThat(log.append(record(7))).isEqualTo(1);
            }
            assertThat(read(file)).containsExactly(record(0), record(7));
        }
    }

    @Test
    void everyChangedBitIsNoticed() throws Exception {
        Path file = written(3);
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 << (at % 8));
            Files.write(file, changed);
            // A length that points beyond the end looks like a torn entry: fewer records then.
            try {
                assertThat(read(file)).hasSizeLessThan(3);
            } catch (SealedFormatException noticed) {
                assertThat(noticed).hasMessageContaining("decision ");
            }
        }
    }

    @Test
    void entriesCannotBeLeftOutOrMoved() throws Exception {
        byte[] whole = Files.readAllBytes(written(3));
        int each = whole.length / 3;
        byte[] first = Arrays.copyOf(whole, each);
        byte[] second = Arrays.copyOfRange(whole, each, 2 * each);
        byte[] third = Arrays.copyOfRange(whole, 2 * each, whole.length);
        for (List<byte[]> order :
                List.of(List.of(first, third), List.of(second, third), List.of(second, first))) {
            Path file = folder.resolve("moved.log");
            var bytes = ByteBuffer.allocate(2 * each);
            order.forEach(bytes::put);
            Files.write(file, bytes.array());
            assertThatThrownBy(() -> read(file)).isInstanceOf(SealedFormatException.class);
        }
    }

    @Property(tries = 200)
    void anyBytesAreALogOrDamageAndNothingElse(@ForAll @Size(max = 200) byte[] bytes)
            throws Exception {
        Path file = Files.createTempFile("decisions", ".log");
        try {
            Files.write(file, bytes);
            DecisionLog.read(file, (_, _) -> {});
        } catch (SealedFormatException damaged) {
            assertThat(damaged.getMessage()).isNotBlank();
        } finally {
            Files.delete(file);
        }
    }
}
