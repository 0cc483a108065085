package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.provider.MethodSource;

/** The host's table of certificates: offsets and lengths are the host's. */
class EndorsementsFuzz {
    private static final UUID VCEK = UUID.fromString("63da758d-e664-4564-adc5-f4b93be8accd");
    private static final Path NO_FOLDER = Path.of("/nonexistent");

    static List<byte[]> seeds() {
        var table = ByteBuffer.allocate(60).order(ByteOrder.BIG_ENDIAN);
        table.putLong(VCEK.getMostSignificantBits()).putLong(VCEK.getLeastSignificantBits());
        table.order(ByteOrder.LITTLE_ENDIAN).putInt(48).putInt(12);
        return List.of(table.array());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsATableOrRefuses(byte[] input) throws Exception {
        var certificates =
                Hostile.read(
                        input,
                        GuestException.class,
                        table -> Endorsements.gather(table, NO_FOLDER));
        if (certificates.isPresent()) {
            assertThat(certificates.get())
                    .hasSizeLessThanOrEqualTo(Evidence.MAX_ITEMS)
                    .allMatch(item -> item.bytes().length <= input.length);
        }
    }
}
