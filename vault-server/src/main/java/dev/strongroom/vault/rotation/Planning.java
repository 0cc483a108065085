package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;

/** From which key to which the next rotation goes, by what catalogue and token know together. */
final class Planning {
    private final Resources resources;

    Planning(Resources resources) {
        this.resources = resources;
    }

    /**
     * The next rotation of a tenant that exists.
     *
     * @throws RefusedException TOKEN_CHANGED if the token lacks a key that the catalogue names
     */
    Rotations.Plan of(TenantName tenant) throws RefusedException, CustodyException {
        List<Kek> keks = resources.database().read(handle -> KekTable.all(handle, tenant));
        List<KekInfo> inToken = resources.custodian().keks(tenant);
        requireInToken(tenant, keks, inToken);
        Kek active =
                keks.stream()
                        .filter(kek -> kek.state() == KekTable.State.ACTIVE)
                        .findFirst()
                        .orElseThrow();
        // The token may know versions that a restored catalogue does not; none is ever used twice.
        int highest =
                Math.max(
                        keks.getLast().version(),
                        inToken.stream().mapToInt(KekInfo::version).max().orElse(0));
        long records =
                resources
                        .database()
                        .read(handle -> WrappedKeyTable.count(handle, tenant, active.version()));
        return new Rotations.Plan(active.version(), highest + 1, records);
    }

    private static void requireInToken(TenantName tenant, List<Kek> keks, List<KekInfo> inToken)
            throws RefusedException {
        for (Kek kek : keks) {
            if (kek.isNeeded() && inToken.stream().noneMatch(info -> isThere(info, kek))) {
                throw new RefusedException(
                        Reason.TOKEN_CHANGED,
                        "the token lacks key-encryption key "
                                + kek.version()
                                + " of tenant "
                                + tenant
                                + "; restore the token, no key is made in its place");
            }
        }
    }

    private static boolean isThere(KekInfo info, Kek kek) {
        return info.version() == kek.version() && info.isUsable();
    }
}
