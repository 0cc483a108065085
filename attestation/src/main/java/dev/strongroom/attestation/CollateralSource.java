package dev.strongroom.attestation;

import java.io.IOException;
import java.util.List;

/**
 * What the verifier's own operator provides: revocation lists, TCB info, certificates. It is looked
 * at together with what came along with the evidence; signatures and dates decide, not the place.
 *
 * <p>Implementations are thread-safe.
 */
@FunctionalInterface
public interface CollateralSource {
    /** Nothing: everything has to come with the evidence. */
    CollateralSource NONE = List::of;

    /**
     * The items as they are now.
     *
     * @throws IOException if they cannot be read; the evidence is then refused
     */
    List<EvidenceItem> current() throws IOException;
}
