package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import javax.crypto.SecretKey;

/** The key-encryption keys among the entries of a key store, with the marks beside them. */
record StoredKeks(Entries entries) {
    /** The key, whatever its state, if it is there. */
    SecretKey key(TenantName tenant, int version) throws CustodyException {
        return entries.secret(KeyName.kek(tenant, version), Entries.AES);
    }

    /**
     * The key, if it may still wrap.
     *
     * @throws CustodyException KEK_RETIRED, KEY_NOT_FOUND
     */
    SecretKey activeKey(TenantName tenant, int version) throws CustodyException {
        SecretKey key = key(tenant, version);
        if (state(tenant, version) != KekInfo.State.ACTIVE) {
            throw new CustodyException(
                    Reason.KEK_RETIRED,
                    KeyName.kek(tenant, version).label()
                            + " is retired and wraps nothing new; use a later version");
        }
        return key;
    }

    KekInfo info(TenantName tenant, int version) throws CustodyException {
        return new KekInfo(
                tenant,
                version,
                KeyName.kek(tenant, version).id().hex(),
                state(tenant, version),
                TrustLevel.SOFTWARE);
    }

    /**
     * @throws CustodyException KEY_NOT_FOUND if this version was never made
     */
    KekInfo.State state(TenantName tenant, int version) throws CustodyException {
        boolean retired = entries.has(KeyName.retirement(tenant, version));
        boolean present = entries.has(KeyName.kek(tenant, version));
        if (!present && !retired) {
            throw Entries.notFound(KeyName.kek(tenant, version).label());
        }
        if (!present) {
            return KekInfo.State.DESTROYED;
        }
        return retired ? KekInfo.State.RETIRED : KekInfo.State.ACTIVE;
    }

    /** Every version there ever was, lowest first. */
    List<KekInfo> all(TenantName tenant) throws CustodyException {
        NavigableSet<Integer> versions = new TreeSet<>();
        for (String label : entries.labels()) {
            addVersion(versions, label, KeyName.kekLabelPrefix(tenant));
            addVersion(versions, label, KeyName.retirementLabelPrefix(tenant));
        }
        List<KekInfo> infos = new ArrayList<>();
        for (int version : versions) {
            infos.add(info(tenant, version));
        }
        return List.copyOf(infos);
    }

    private static void addVersion(NavigableSet<Integer> versions, String label, String prefix) {
        if (label.startsWith(prefix)) {
            versions.add(Integer.valueOf(label.substring(prefix.length())));
        }
    }

    void requireNeverMade(TenantName tenant, int version) throws CustodyException {
        entries.requireAbsent(KeyName.kek(tenant, version));
        entries.requireAbsent(KeyName.retirement(tenant, version));
    }
}
