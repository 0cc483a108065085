package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.MarkCommitment;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.Recipient;
import dev.strongroom.fingerprint.RecipientKey;
import dev.strongroom.serving.engine.CopyMark;
import dev.strongroom.serving.engine.UnservableModelException;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks this boot's copy of a version that its owner pushed with a fingerprint key, unless his
 * output policy says that copies are not marked.
 */
final class Fingerprint {
    private static final Logger LOG = LoggerFactory.getLogger(Fingerprint.class);

    private Fingerprint() {}

    /**
     * Commits to the mark in the log, then puts it in; does nothing for a version without a key, or
     * where the grant's output policy has marks off.
     *
     * @return the commitment, if there is a mark
     * @throws LeaseException if the log does not hold the commitment: the copy stays unmarked and
     *     must not be served
     * @throws NodeException DENIED if the owner's output policy is none
     */
    static Optional<Digest> put(VaultLink vault, Grant grant, LoadedModel model)
            throws NodeException, LeaseException, UnservableModelException {
        if (OwnersRules.parse(grant.output()).fingerprint() == OutputPolicy.Defence.OFF) {
            LOG.info("fingerprint.off the output policy has copies unmarked");
            return Optional.empty();
        }
        Optional<FingerprintKey> sealed = CopyMark.key(model);
        if (sealed.isEmpty()) {
            return Optional.empty();
        }
        Lease lease = grant.lease();
        var recipient =
                new Recipient(HexFormat.of().formatHex(lease.bootId()), lease.releaseLeaf());
        try (FingerprintKey key = sealed.get();
                RecipientKey mark = key.forRecipient(recipient)) {
            Digest commitment = Digest.of(mark.commitment());
            long leaf = MarkCommitment.commit(vault, grant, commitment);
            int tensors = CopyMark.put(model, mark);
            LOG.info("fingerprint.put tensors={} commitment-leaf={}", tensors, leaf);
            return Optional.of(commitment);
        }
    }
}
