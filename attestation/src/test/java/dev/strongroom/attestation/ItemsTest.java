package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ItemsTest {
    private static EvidenceItem item(EvidenceItem.Kind kind, int value) {
        return new EvidenceItem(kind, new byte[] {(byte) value});
    }

    @Test
    void keepsWhatComesSeveralTimesOnce() {
        var certificate = item(EvidenceItem.Kind.CERTIFICATE, 1);
        var list = item(EvidenceItem.Kind.CRL, 1);
        var other = item(EvidenceItem.Kind.CERTIFICATE, 2);

        Items items =
                Items.of(
                        List.of(certificate, list, item(EvidenceItem.Kind.CERTIFICATE, 1)),
                        List.of(item(EvidenceItem.Kind.CRL, 1), other));

        assertThat(items.all()).containsExactly(certificate, list, other);
    }
}
