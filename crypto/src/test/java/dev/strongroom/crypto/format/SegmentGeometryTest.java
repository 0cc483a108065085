package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentGeometryTest {

    @ParameterizedTest
    @CsvSource({
        "0, 1, 56",
        "1, 1, 57",
        "1048519, 1, 1048575",
        "1048520, 1, 1048576",
        "1048521, 2, 1048593",
        "2097079, 2, 2097151",
        "2097080, 2, 2097152",
        "2097081, 3, 2097169",
        "4294967296, 4097, 4295032888",
    })
    void followsTheFormatsTable(long plaintext, int segments, long sealed) throws Exception {
        var geometry = new SegmentGeometry(plaintext);
        assertThat(geometry.segments()).isEqualTo(segments);
        assertThat(geometry.sealedBytes()).isEqualTo(sealed);
        assertThat(SegmentGeometry.ofSealed(sealed)).isEqualTo(geometry);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 39, 55, 1048577, 1048592, 2097168, Long.MAX_VALUE})
    void refusesSizesThatNoSealedFileHas(long sealed) {
        assertThatThrownBy(() -> SegmentGeometry.ofSealed(sealed))
                .isInstanceOf(SealedFormatException.class);
    }

    @Property
    void segmentsCoverBothSidesWithoutGapOrOverlap(
            @ForAll @LongRange(max = 20L << 20) long plaintext) throws Exception {
        var geometry = new SegmentGeometry(plaintext);
        long plain = 0;
        long sealed = FileHeader.BYTES;
        for (int segment = 0; segment < geometry.segments(); segment++) {
            assertThat(geometry.plaintextOffset(segment)).isEqualTo(plain);
            assertThat(geometry.sealedOffset(segment)).isEqualTo(sealed);
            plain += geometry.plaintextLength(segment);
            sealed += geometry.sealedLength(segment);
        }
        assertThat(plain).isEqualTo(plaintext);
        assertThat(sealed).isEqualTo(geometry.sealedBytes());
        assertThat(SegmentGeometry.ofSealed(sealed)).isEqualTo(geometry);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, (1L << 42) + 1})
    void refusesPlaintextBeyondTheLimit(long plaintext) {
        assertThatThrownBy(() -> new SegmentGeometry(plaintext))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
