package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.format.TenantName;
import java.util.List;

/**
 * What a security officer is to make in a token.
 *
 * @param module the PKCS#11 library and its profile
 * @param tokenLabel label of the token, which the vault has initialised
 * @param officerPin the security officer's PIN; it never belongs on the vault's host
 * @param tenant whose keys
 * @param firstKek first version of the key-encryption keys to make
 * @param lastKek last version; the pool lasts for as many rotations as it has versions
 * @param importKey version of the import key, made unless it is there
 * @param recipients SubjectPublicKeyInfo of every key that data keys may be released to
 */
public record CeremonyPlan(
        Pkcs11Module module,
        String tokenLabel,
        PinSource officerPin,
        TenantName tenant,
        int firstKek,
        int lastKek,
        int importKey,
        List<byte[]> recipients) {
    private static final int MAX_POOL = 1000;

    public CeremonyPlan {
        recipients = recipients.stream().map(byte[]::clone).toList();
        if (firstKek < 1 || lastKek < firstKek || lastKek - firstKek >= MAX_POOL || importKey < 1) {
            throw new IllegalArgumentException(
                    "versions: expected A-B with 1 <= A <= B and at most " + MAX_POOL);
        }
    }
}
