package dev.strongroom.testkit.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelWindowsTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir private Path folder;

    @Test
    void choosesOnlyWindowsThatOccurOnceInLargeInitialisersWithVariedBytes() throws IOException {
        byte[] twice = randomBytes(2048);
        byte[] once = randomBytes(100_000);
        var weights = new ByteArrayOutputStream();
        weights.writeBytes(once); // at 0
        weights.writeBytes(twice); // at 100000
        weights.writeBytes(twice); // at 102048
        weights.writeBytes(new byte[4096]); // at 104096
        weights.writeBytes(randomBytes(1023)); // at 108192
        Path file = folder.resolve("weights.bin");
        Files.write(file, weights.toByteArray());

        Needles needles =
                ModelWindows.choose(
                        List.of(
                                new ModelWindows.Region("once", file, 0, 100_000),
                                new ModelWindows.Region("twice", file, 100_000, 2048),
                                new ModelWindows.Region("zeros", file, 104_096, 4096),
                                new ModelWindows.Region("small", file, 108_192, 1023)),
                        Set.of(file),
                        1000,
                        RANDOM);

        assertThat(needles.count()).isBetween(900, 1100);
        assertThat(IntStream.range(0, needles.count()).mapToObj(needles::name))
                .allMatch(name -> name.startsWith("once+"));
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
