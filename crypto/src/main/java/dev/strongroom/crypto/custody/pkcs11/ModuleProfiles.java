package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.Guarantee.*;
import static dev.strongroom.crypto.custody.pkcs11.Ck.*;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CapabilityReport.LevelBasis;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The profiles of the modules that we know, and which of them a module gets. */
final class ModuleProfiles {
    private static final String SOFTHSM_MANUFACTURER = "SoftHSM";

    private ModuleProfiles() {}

    /**
     * The profile that the configuration names or, where it names none, the manufacturer's.
     *
     * @throws CustodyException MODULE_NOT_USABLE for an unknown module without a named profile, or
     *     one that says it is another than the configuration does
     */
    static ModuleProfile choose(ModuleFacts.ModuleInfo module, Pkcs11Module choice)
            throws CustodyException {
        Optional<ProfileName> known = byManufacturer(module.manufacturer());
        ProfileName name = choice.profile().or(() -> known).orElseThrow(() -> unknown(module));
        if (known.isPresent() && known.get() != name) {
            throw new CustodyException(
                    Reason.MODULE_NOT_USABLE,
                    "the module is by "
                            + module.manufacturer()
                            + ", so its profile is "
                            + known.get().label()
                            + ", not "
                            + name.label());
        }
        if (choice.level().isPresent() && name != ProfileName.GENERIC) {
            throw new CustodyException(
                    Reason.MODULE_NOT_USABLE,
                    "the trust level of a module with profile "
                            + name.label()
                            + " is known; only that of a generic one can be configured");
        }
        return of(name, choice.level());
    }

    private static Optional<ProfileName> byManufacturer(String manufacturer) {
        return manufacturer.equals(SOFTHSM_MANUFACTURER)
                ? Optional.of(ProfileName.SOFTHSM2)
                : Optional.empty(); // AWS does not document the name that its module gives
    }

    private static CustodyException unknown(ModuleFacts.ModuleInfo module) {
        return new CustodyException(
                Reason.MODULE_NOT_USABLE,
                "no profile for PKCS#11 module of "
                        + module.manufacturer()
                        + "; if it is to be used, name one in the configuration (profile: generic)");
    }

    static ModuleProfile of(ProfileName name, Optional<TrustLevel> operatorsLevel) {
        return switch (name) {
            case SOFTHSM2 -> softHsm();
            case NSS -> nss();
            case CLOUDHSM -> cloudHsm();
            case GENERIC -> generic(operatorsLevel);
        };
    }

    /** Version 2.6.1: takes key wrap without a parameter only, and no hash but SHA-1. */
    private static ModuleProfile softHsm() {
        return new ModuleProfile(
                ProfileName.SOFTHSM2,
                TrustLevel.SOFT_TOKEN,
                LevelBasis.PROFILE,
                new Mechanism.Plain(CKM_AES_KEY_WRAP),
                WrapFormat.RFC3394_KW,
                OaepHash.SHA1,
                TemplateDialect.STANDARD,
                PinForm.ANY_BYTES,
                MacCheck.IN_TOKEN,
                EnumSet.complementOf(EnumSet.of(NO_KEY_DIGEST)));
    }

    /**
     * Version 3.87: wraps what is not extractable, ignores unwrap templates and trust, keeps no
     * COPYABLE, and takes no private certificate. LOCAL reads false for a key that was born inside.
     */
    private static ModuleProfile nss() {
        return new ModuleProfile(
                ProfileName.NSS,
                TrustLevel.SOFT_TOKEN,
                LevelBasis.PROFILE,
                new Mechanism.Plain(CKM_AES_KEY_WRAP),
                WrapFormat.RFC3394_KW,
                OaepHash.SHA256,
                new TemplateDialect(
                        Set.of(CKA_COPYABLE, CKA_DESTROYABLE, CKA_UNWRAP_TEMPLATE),
                        Set.of(CKA_LOCAL),
                        Set.of(CKA_PRIVATE, CKA_MODIFIABLE)),
                PinForm.ANY_BYTES,
                MacCheck.BY_COMPARISON,
                Guarantee.ESSENTIAL);
    }

    /**
     * Client SDK 5, from AWS's user guide and examples alone. Its own numbers for key wrap; the
     * user guide lists MODIFIABLE as true only and DECRYPT as changeable by the key's owner, so
     * locked attributes are not claimed and this profile cannot hold HSM_TRUSTED.
     */
    private static ModuleProfile cloudHsm() {
        return new ModuleProfile(
                ProfileName.CLOUDHSM,
                TrustLevel.HSM,
                LevelBasis.PROFILE,
                new Mechanism.Plain(CKM_CLOUDHSM_AES_KEY_WRAP_NO_PAD),
                WrapFormat.RFC3394_KW,
                OaepHash.SHA256,
                new TemplateDialect(
                        Set.of(CKA_COPYABLE, CKA_MODIFIABLE, CKA_SIGN_RECOVER, CKA_VERIFY_RECOVER),
                        Set.of(),
                        Set.of(CKA_PRIVATE, CKA_MODIFIABLE)),
                PinForm.USER_AND_PASSWORD,
                MacCheck.IN_TOKEN,
                EnumSet.of(
                        VALUE_UNREADABLE,
                        SENSITIVE_AFTER_UNWRAP,
                        KEK_DOES_NOT_DECRYPT,
                        IN_TOKEN_ROTATION,
                        UNEXTRACTABLE_STAYS,
                        UNWRAP_TEMPLATE,
                        WRAP_WITH_TRUSTED));
    }

    private static ModuleProfile generic(Optional<TrustLevel> operatorsLevel) {
        return new ModuleProfile(
                ProfileName.GENERIC,
                operatorsLevel.orElse(TrustLevel.SOFT_TOKEN),
                operatorsLevel.isPresent() ? LevelBasis.OPERATOR : LevelBasis.PROFILE,
                new Mechanism.Plain(CKM_AES_KEY_WRAP),
                WrapFormat.RFC3394_KW,
                OaepHash.SHA256,
                TemplateDialect.STANDARD,
                PinForm.ANY_BYTES,
                MacCheck.IN_TOKEN,
                EnumSet.of(
                        VALUE_UNREADABLE,
                        SENSITIVE_AFTER_UNWRAP,
                        KEK_DOES_NOT_DECRYPT,
                        IN_TOKEN_ROTATION,
                        UNEXTRACTABLE_STAYS,
                        UNWRAP_TEMPLATE,
                        ATTRIBUTES_LOCKED));
    }
}
