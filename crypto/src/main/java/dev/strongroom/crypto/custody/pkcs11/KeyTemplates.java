package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.Ck.*;

import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.security.interfaces.RSAPublicKey;

/**
 * The templates that depend on who makes a tenant's keys. A security officer makes them public,
 * since a login of his sees nothing private, trusted, and beyond anybody's change; what is under
 * them is bound to trusted keys.
 */
record KeyTemplates(KeyOrigin origin) {
    Template dataKey() {
        return switch (origin) {
            case VAULT -> Templates.dataKey();
            case CEREMONY -> Templates.dataKey().yes(CKA_WRAP_WITH_TRUSTED);
        };
    }

    Template kek(KeyName name) {
        return switch (origin) {
            case VAULT -> Templates.kek(name);
            case CEREMONY -> byOfficer(Templates.kek(name)).yes(CKA_TRUSTED);
        };
    }

    Template importPrivateKey(KeyName name) {
        return switch (origin) {
            case VAULT -> Templates.importPrivateKey(name);
            case CEREMONY -> byOfficer(Templates.importPrivateKey(name));
        };
    }

    /** The public half as generation needs it. */
    Template importPublicKey() {
        return switch (origin) {
            case VAULT -> Templates.importPublicKey();
            case CEREMONY -> Templates.importPublicKey().no(CKA_PRIVATE);
        };
    }

    /** A recipient that a security officer registers for good. */
    static Template registered(KeyName name, RSAPublicKey key) {
        return Templates.recipient(key)
                .yes(CKA_TOKEN)
                .yes(CKA_TRUSTED)
                .no(CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE)
                .bytes(CKA_ID, name.id().bytes())
                .text(CKA_LABEL, name.label());
    }

    private Template byOfficer(Template full) {
        return full.no(CKA_PRIVATE, CKA_DESTROYABLE).nested(CKA_UNWRAP_TEMPLATE, dataKey());
    }
}
