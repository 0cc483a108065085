package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.OaepHash;

/**
 * Which token holds the keys and what it can be trusted for.
 *
 * @param module name and version of the PKCS#11 module, for example {@code SoftHSM 2.6}
 * @param tokenLabel label of the token
 * @param tokenSerial serial number of the token: what the vault remembers it by
 * @param level how far the keys are out of reach of the host
 * @param oaepHash hash of RSA-OAEP that the token can do, for import and release
 * @param capabilities what the start-up self-test found
 */
public record CustodianInfo(
        String module,
        String tokenLabel,
        String tokenSerial,
        TrustLevel level,
        OaepHash oaepHash,
        CapabilityReport capabilities) {}
