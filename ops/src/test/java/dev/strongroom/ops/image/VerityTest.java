package dev.strongroom.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerityTest {
    @TempDir private Path folder;

    /** Roots that veritysetup 2.6.1 printed, 2026-11-22. */
    @ParameterizedTest
    @CsvSource({
        "2, e0569a22152a54d6ada9309f2b35b38d8b0a0075134dcac64e906c53c3369981",
        "128, 2a59b1e27434901ad58940e19e14f0bcdd805dd8d1326fb291351a308303ccd0",
        "129, a496a1326322de6d0c8d26d9a0c6af480417ae808108ccd6993bb3a55d9f6100",
        "300, 96cb04359ed9c6d47b56a06ee45cbe1d258bbacca073786fd2cdceecbce524ec"
    })
    void computesTheRootsThatVeritysetupPrinted(int blocks, String root) throws IOException {
        assertThat(Verity.of(image(blocks), folder.resolve("hashes")))
                .isEqualTo(new Verity(blocks, root));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 127, 128, 129, 16_385})
    void writesTheBytesThatVeritysetupWrites(int blocks) throws Exception {
        assumeTrue(Tool.exists("veritysetup"), "veritysetup is not installed (cryptsetup-bin)");
        Path image = image(blocks);
        Path theirs = folder.resolve("theirs");
        String said =
                Tool.run(
                        List.of(
                                "veritysetup",
                                "format",
                                "--salt=-",
                                "--uuid=" + Verity.UUID,
                                image.toString(),
                                theirs.toString()));
        Verity ours = Verity.of(image, folder.resolve("ours"));
        assertThat(said).contains(ours.root());
        assertThat(folder.resolve("ours")).hasSameBinaryContentAs(theirs);
    }

    @Test
    void anyBitChangesTheRoot() throws IOException {
        Path image = image(300);
        Verity before = Verity.of(image, folder.resolve("hashes"));
        byte[] bytes = Files.readAllBytes(image);
        bytes[299 * Verity.BLOCK_BYTES + 17] ^= 1;
        Files.write(image, bytes);
        assertThat(Verity.of(image, folder.resolve("hashes")).root()).isNotEqualTo(before.root());
    }

    @Test
    void refusesWhatIsNotWholeBlocks() throws IOException {
        Path image = Files.write(folder.resolve("odd"), new byte[2 * Verity.BLOCK_BYTES + 1]);
        assertThatThrownBy(() -> Verity.of(image, folder.resolve("hashes")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("whole blocks");
    }

    private Path image(int blocks) throws IOException {
        byte[] bytes = new byte[blocks * Verity.BLOCK_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / Verity.BLOCK_BYTES);
        }
        return Files.write(folder.resolve("image"), bytes);
    }
}
