package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.List;

/**
 * What one kind of module does under the numbers of the standard, which do not define it. The
 * self-test checks every claim made here before the module is used.
 *
 * @param manufacturer as C_GetInfo gives it
 * @param level how far the keys are out of reach of the host
 * @param keyWrap mechanism that wraps one AES key under another
 * @param keyWrapFormat what bytes it makes
 * @param oaep the strongest hash of RSA-OAEP that the module can do
 */
record ModuleProfile(
        String manufacturer,
        TrustLevel level,
        Mechanism keyWrap,
        WrapFormat keyWrapFormat,
        OaepHash oaep) {
    private static final List<ModuleProfile> KNOWN =
            List.of(
                    // Version 2.6.1: takes key wrap without a parameter only, and no hash but
                    // SHA-1.
                    new ModuleProfile(
                            "SoftHSM",
                            TrustLevel.SOFT_TOKEN,
                            new Mechanism.Plain(Ck.CKM_AES_KEY_WRAP),
                            WrapFormat.RFC3394_KW,
                            OaepHash.SHA1));

    static ModuleProfile of(Cryptoki.ModuleInfo module) throws CustodyException {
        return KNOWN.stream()
                .filter(profile -> profile.manufacturer.equals(module.manufacturer()))
                .findFirst()
                .orElseThrow(() ->
                        new CustodyException(
                                Reason.MODULE_NOT_USABLE,
                                "no profile for PKCS#11 module of "
                                        + module.manufacturer()
                                        + "; known: "
                                        + KNOWN.stream()
                                                .map(ModuleProfile::manufacturer)
                                                .toList()));
    }

    Mechanism.Oaep oaepMechanism() {
        return new Mechanism.Oaep(oaep);
    }

    WrapFormat oaepFormat() {
        return switch (oaep) {
            case SHA1 -> WrapFormat.RSA_OAEP_SHA1;
            case SHA256 -> WrapFormat.RSA_OAEP_SHA256;
        };
    }
}
