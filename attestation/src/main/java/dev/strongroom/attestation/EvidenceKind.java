package dev.strongroom.attestation;

import java.time.Instant;
import java.util.List;

/** One TEE's way from bytes to {@link Authenticity}: an adapter before its verifier's package. */
interface EvidenceKind {
    /** The rules of authenticity in the order in which they are checked. */
    List<String> rules();

    /**
     * Judges a document at one moment.
     *
     * @param items the evidence's own and the operator's
     */
    Authenticity verify(byte[] document, Items items, Instant now);
}
