package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Authenticates the end of the log, record by record: what was written since the last checkpoint,
 * which the token signs less often. Whoever writes the stopped vault's database adds no record that
 * the next start would take for the vault's.
 *
 * <p>Immutable and thread-safe.
 */
public final class TailKey {
    private static final String MAC = "HmacSHA256";
    private static final String DOMAIN = "strongroom/log-tail";

    private final SecretKeySpec key;

    /**
     * @param secret {@code KeyCustodian.logSecret}
     */
    public TailKey(byte[] secret) {
        this.key = new SecretKeySpec(secret, MAC);
    }

    /**
     * Speaks for a log that a leaf was appended to.
     *
     * @param size before the leaf
     * @param root of that size
     */
    byte[] mac(long size, Digest root, Digest leaf) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return mac.doFinal(
                    Canonical.of(DOMAIN, 1)
                            .u64(size)
                            .bytes(root.bytes())
                            .bytes(leaf.bytes())
                            .toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
    }

    boolean isOf(byte[] mac, long size, Digest root, Digest leaf) {
        return MessageDigest.isEqual(mac, mac(size, root, leaf));
    }
}
