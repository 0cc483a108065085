package dev.strongroom.attestation;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * What came along with evidence, and what the verifier's operator has: one heap, untrusted. What
 * comes several times is there once.
 *
 * @param all both
 * @param operators what the operator has, for the few things that nothing but his word stands for
 */
record Items(List<EvidenceItem> all, List<EvidenceItem> operators) {
    static Items of(List<EvidenceItem> sent, List<EvidenceItem> local) {
        return new Items(distinct(sent, local), List.copyOf(local));
    }

    /** These and more that were sent. */
    Items with(List<EvidenceItem> sent) {
        return new Items(distinct(sent, all), operators);
    }

    private static List<EvidenceItem> distinct(List<EvidenceItem> some, List<EvidenceItem> more) {
        var seen = new HashSet<Same>();
        return Stream.concat(some.stream(), more.stream())
                .filter(item -> seen.add(new Same(item.kind(), ByteBuffer.wrap(item.bytes()))))
                .toList();
    }

    private record Same(EvidenceItem.Kind kind, ByteBuffer bytes) {}

    /** The first of a kind; empty bytes stand for none. */
    byte[] first(EvidenceItem.Kind kind) {
        return of(kind).stream().findFirst().orElseGet(() -> new byte[0]);
    }

    List<byte[]> of(EvidenceItem.Kind kind) {
        return of(all, kind);
    }

    /** Those of a kind that did not come from the sender alone. */
    List<byte[]> ofOperator(EvidenceItem.Kind kind) {
        return of(operators, kind);
    }

    private static List<byte[]> of(List<EvidenceItem> items, EvidenceItem.Kind kind) {
        return items.stream().filter(item -> item.kind() == kind).map(EvidenceItem::bytes).toList();
    }
}
