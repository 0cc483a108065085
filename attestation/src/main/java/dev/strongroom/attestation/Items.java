package dev.strongroom.attestation;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * What came along with evidence, and what the verifier's operator has: one heap, untrusted. What
 * comes several times is there once.
 */
record Items(List<EvidenceItem> all) {
    static Items of(List<EvidenceItem> sent, List<EvidenceItem> local) {
        var seen = new HashSet<Same>();
        return new Items(
                Stream.concat(sent.stream(), local.stream())
                        .filter(item ->
                                seen.add(new Same(item.kind(), ByteBuffer.wrap(item.bytes()))))
                        .toList());
    }

    private record Same(EvidenceItem.Kind kind, ByteBuffer bytes) {}

    /** The first of a kind; empty bytes stand for none. */
    byte[] first(EvidenceItem.Kind kind) {
        return of(kind).stream().findFirst().orElseGet(() -> new byte[0]);
    }

    List<byte[]> of(EvidenceItem.Kind kind) {
        return all.stream().filter(item -> item.kind() == kind).map(EvidenceItem::bytes).toList();
    }
}
