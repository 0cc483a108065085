package dev.strongroom.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.provider.MethodSource;

/** An agent's log as its start reads it from a disk that somebody else wrote to. */
class DecisionLogFuzz {
    static List<byte[]> seeds() throws Exception {
        var seeds = new ArrayList<byte[]>();
        Path file = Files.createTempFile("decisions", ".log");
        try (var log = DecisionLog.open(file, (_, _) -> {})) {
            for (int i = 0; i < 3; i++) {
                seeds.add(Files.readAllBytes(file));
                log.append(Records.of("a.record", Instant.EPOCH, "x", Map.of("number", "" + i)));
            }
        } finally {
            Files.delete(file);
        }
        return seeds;
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsALogOrSaysThatItIsDamaged(byte[] input) throws Exception {
        Hostile.read(
                        input,
                        SealedFormatException.class,
                        bytes -> DecisionLog.readAll(new ByteArrayInputStream(bytes), (_, _) -> {}))
                .ifPresent(whole -> assertThat(whole.end()).isLessThanOrEqualTo(input.length));
    }
}
