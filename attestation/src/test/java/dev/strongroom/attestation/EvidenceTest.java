package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EvidenceTest {
    private static final Evidence WHOLE =
            new Evidence(
                    Evidence.Format.TDX_QUOTE,
                    new byte[] {1, 2, 3},
                    List.of(
                            new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, new byte[] {4}),
                            new EvidenceItem(EvidenceItem.Kind.TDX_TCB_INFO, new byte[] {5, 6})),
                    List.of(
                            new DeviceEvidence(
                                    Evidence.Format.NVIDIA_REPORT,
                                    new byte[] {7},
                                    List.of(new byte[] {8}))));

    @Test
    void readsWhatItWrote() throws Exception {
        byte[] encoded = WHOLE.encode();
        Evidence read = Evidence.decode(encoded);
        assertThat(read.encode()).isEqualTo(encoded);
        assertThat(read.format()).isEqualTo(Evidence.Format.TDX_QUOTE);
        assertThat(read.endorsements()).containsExactly(new byte[] {4});
        assertThat(read.items(EvidenceItem.Kind.TDX_TCB_INFO)).containsExactly(new byte[] {5, 6});
        assertThat(read.devices()).hasSize(1);
    }

    /**
     * A record that names evidence by it says which processor spoke and which devices came along.
     */
    @Test
    void isNamedByAllOfIt() {
        var otherItems =
                new Evidence(
                        WHOLE.format(),
                        WHOLE.document(),
                        List.of(
                                new EvidenceItem(EvidenceItem.Kind.HCL_REPORT, new byte[] {4}),
                                WHOLE.items().getLast()),
                        WHOLE.devices());
        var noDevices = new Evidence(WHOLE.format(), WHOLE.document(), WHOLE.items(), List.of());

        assertThat(WHOLE.digest()).isEqualTo(Digest.sha256(WHOLE.encode()));
        assertThat(List.of(WHOLE.digest(), otherItems.digest(), noDevices.digest()))
                .doesNotHaveDuplicates();
    }

    @Test
    void refusesEveryBeginningAndAnythingBehind() {
        byte[] encoded = WHOLE.encode();
        for (int length = 0; length < encoded.length; length++) {
            assertRefused(Arrays.copyOf(encoded, length));
        }
        assertRefused(Arrays.copyOf(encoded, encoded.length + 1));
    }

    @Test
    void refusesUnknownNumbersAndOtherDevices() {
        byte[] encoded = WHOLE.encode();
        int format = 1 + 4 + "strongroom/evidence".length();
        assertThat(encoded[format]).isEqualTo((byte) 2);
        for (int number : new int[] {0, 7, 255}) {
            byte[] other = encoded.clone();
            other[format] = (byte) number;
            assertRefused(other);
        }
        assertThatThrownBy(() ->
                        new DeviceEvidence(Evidence.Format.SNP_REPORT, new byte[1], List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(EvidenceItem.Kind.class)
    void limitsEachKindOfItem(EvidenceItem.Kind kind) {
        assertThat(new EvidenceItem(kind, new byte[kind.maxBytes()]).kind()).isEqualTo(kind);
        assertThatThrownBy(() -> new EvidenceItem(kind, new byte[kind.maxBytes() + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesMoreThanFits() {
        assertRefused(new byte[Evidence.MAX_BYTES + 1]);
        var item = new EvidenceItem(EvidenceItem.Kind.CRL, new byte[0]);
        assertThatThrownBy(() ->
                        new Evidence(
                                Evidence.Format.SNP_REPORT,
                                new byte[0],
                                Collections.nCopies(Evidence.MAX_ITEMS + 1, item),
                                List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertRefused(byte[] encoded) {
        assertThatThrownBy(() -> Evidence.decode(encoded))
                .as("%d bytes", encoded.length)
                .isInstanceOf(MalformedEncodingException.class);
    }
}
