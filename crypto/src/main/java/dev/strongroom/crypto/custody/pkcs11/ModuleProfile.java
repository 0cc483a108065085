package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CapabilityReport.LevelBasis;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one kind of module does under the numbers of the standard, which do not define it. The
 * self-test checks every claim made here before the module is used. {@link ModuleProfiles} has the
 * known ones.
 *
 * @param name which kind
 * @param level how far the keys are out of reach of the host
 * @param basis who says so
 * @param keyWrap mechanism that wraps one AES key under another
 * @param keyWrapFormat what bytes it makes
 * @param oaep the strongest hash of RSA-OAEP that the module can do
 * @param dialect how templates are put to it
 * @param pinForm what it takes as a PIN
 * @param macCheck how a MAC is checked
 * @param claims what it enforces; {@link Guarantee#ESSENTIAL} is asked of every module
 */
record ModuleProfile(
        ProfileName name,
        TrustLevel level,
        LevelBasis basis,
        Mechanism keyWrap,
        WrapFormat keyWrapFormat,
        OaepHash oaep,
        TemplateDialect dialect,
        PinForm pinForm,
        MacCheck macCheck,
        Set<Guarantee> claims) {
    ModuleProfile {
        claims = Set.copyOf(claims);
    }

    /** What a key is worth; a ceremony raises it only where hardware holds what was agreed. */
    TrustLevel levelOf(KeyOrigin origin) {
        return origin == KeyOrigin.CEREMONY && level == TrustLevel.HSM
                ? TrustLevel.HSM_TRUSTED
                : level;
    }

    /** What a vault needs of these, by name, and is not among them. */
    List<String> missing(Set<Long> offered) {
        Map<Long, String> needed = new LinkedHashMap<>();
        needed.put(keyWrap.type(), "key wrap 0x%x".formatted(keyWrap.type()));
        needed.put(Ck.CKM_RSA_PKCS_OAEP, "CKM_RSA_PKCS_OAEP");
        needed.put(Ck.CKM_RSA_PKCS_KEY_PAIR_GEN, "CKM_RSA_PKCS_KEY_PAIR_GEN");
        needed.put(Ck.CKM_EC_KEY_PAIR_GEN, "CKM_EC_KEY_PAIR_GEN");
        needed.put(Ck.CKM_ECDSA, "CKM_ECDSA");
        needed.put(Ck.CKM_AES_KEY_GEN, "CKM_AES_KEY_GEN");
        needed.put(Ck.CKM_GENERIC_SECRET_KEY_GEN, "CKM_GENERIC_SECRET_KEY_GEN");
        needed.put(Ck.CKM_SHA256_HMAC, "CKM_SHA256_HMAC");
        needed.keySet().removeAll(offered);
        return List.copyOf(needed.values());
    }

    Mechanism.Oaep oaepMechanism() {
        return new Mechanism.Oaep(oaep);
    }

    WrapFormat oaepFormat() {
        return WrapFormat.of(oaep);
    }
}
