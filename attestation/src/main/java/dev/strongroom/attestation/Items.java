package dev.strongroom.attestation;

import java.util.ArrayList;
import java.util.List;

/** What came along with evidence, and what the verifier's operator has: one heap, untrusted. */
record Items(List<EvidenceItem> all) {
    static Items of(List<EvidenceItem> sent, List<EvidenceItem> local) {
        var all = new ArrayList<>(sent);
        all.addAll(local);
        return new Items(List.copyOf(all));
    }

    /** The first of a kind; empty bytes stand for none. */
    byte[] first(EvidenceItem.Kind kind) {
        return of(kind).stream().findFirst().orElseGet(() -> new byte[0]);
    }

    List<byte[]> of(EvidenceItem.Kind kind) {
        return all.stream().filter(item -> item.kind() == kind).map(EvidenceItem::bytes).toList();
    }
}
