package dev.strongroom.vault.catalog;

import java.util.HexFormat;
import org.jdbi.v3.core.Handle;

/**
 * What is counted per start of the vault or of a node: used nonces and leases. Every method works
 * inside the caller's transaction.
 */
public final class BootTable {
    private BootTable() {}

    /** Uses a nonce up; false when it is used already. */
    public static boolean consumeNonce(Handle handle, String nonce, long bootEpoch) {
        return handle.createUpdate(
                                "INSERT INTO consumed_nonce (nonce, boot_epoch)"
                                        + " VALUES (:nonce, :epoch) ON CONFLICT DO NOTHING")
                        .bind("nonce", nonce)
                        .bind("epoch", bootEpoch)
                        .execute()
                == 1;
    }

    /** Forgets nonces of earlier starts: their epoch refuses them already. */
    public static void forgetNoncesBefore(Handle handle, long bootEpoch) {
        handle.createUpdate("DELETE FROM consumed_nonce WHERE boot_epoch < :epoch")
                .bind("epoch", bootEpoch)
                .execute();
    }

    /** Counts the leases of one node boot, from 1. */
    public static long nextLease(Handle handle, byte[] nodeBootId) {
        return handle.createQuery(
                        "INSERT INTO node_boot (boot_id, leases) VALUES (:boot, 1)"
                                + " ON CONFLICT (boot_id) DO UPDATE SET leases = leases + 1"
                                + " RETURNING leases")
                .bind("boot", HexFormat.of().formatHex(nodeBootId))
                .mapTo(Long.class)
                .one();
    }
}
