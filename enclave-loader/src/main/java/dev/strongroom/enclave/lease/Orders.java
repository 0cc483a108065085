package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.VaultIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the answer to a renewal says holds against callers.
 *
 * @param at time of the vault's that it held at
 */
record Orders(Instant at, List<GuardMeasure> all) {
    private static final Orders NONE = new Orders(Instant.MIN, List.of());

    /**
     * Reads them whole.
     *
     * @param nonce that this node drew for the renewal
     * @throws LeaseException INTEGRITY if the vault did not sign them for this boot and renewal
     */
    static Orders verify(
            List<ByteString> notices, VaultIdentity identity, Lease lease, byte[] nonce)
            throws LeaseException {
        var all = new ArrayList<GuardMeasure>();
        int more = 0;
        Instant at = NONE.at();
        for (int i = 0; i < notices.size(); i++) {
            byte[] envelope = notices.get(i).toByteArray();
            Notice notice =
                    Integrity.verified(
                            "order",
                            () -> Notice.verify(Dsse.decode(envelope), identity.signingSpki()));
            Integrity.require(
                    Arrays.equals(notice.stream(), nonce)
                            && Arrays.equals(notice.bootId(), lease.bootId())
                            && notice.count() == i + 1
                            && notice.message() instanceof Notice.Measures,
                    "order: it is not the next of this renewal");
            at = i == 0 ? notice.time() : at;
            if (notice.message() instanceof Notice.Measures part) {
                all.addAll(part.some());
                more = part.more();
            }
        }
        Integrity.require(more == 0, "orders: some are missing");
        return all.isEmpty() ? NONE : new Orders(at, List.copyOf(all));
    }
}
