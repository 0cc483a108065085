package dev.strongroom.crypto.custody.pkcs11;

import java.util.Set;

/**
 * How a module wants to be spoken to in templates.
 *
 * @param unknown attributes that it does not take for keys
 * @param unreported attributes that it takes, or sets, and does not read back as they are
 * @param unknownOfCertificates attributes that it does not take for certificates
 */
record TemplateDialect(Set<Long> unknown, Set<Long> unreported, Set<Long> unknownOfCertificates) {
    static final TemplateDialect STANDARD = new TemplateDialect(Set.of(), Set.of(), Set.of());

    /** A template to make a key with. */
    Template key(Template full) {
        return full.without(unknown);
    }

    /** What the module must say of a key made with {@link #key}. */
    Template reported(Template full) {
        return key(full).without(unreported);
    }

    Template certificate(Template full) {
        return full.without(unknownOfCertificates);
    }
}
