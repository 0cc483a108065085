package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import java.util.List;

/** Where proofs come from that one state of the log continues another. */
interface ConsistencyProofs {
    /**
     * Unverified node hashes from the tree of {@code fromSize} leaves to the one of {@code toSize}.
     *
     * @throws ClientException when there is nobody to ask
     */
    List<Digest> between(long fromSize, long toSize) throws ClientException;
}
