package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.Ck.*;

import java.util.Map;
import java.util.Optional;

/** How the specification calls the attributes that a transcript shows. */
final class AttributeNames {
    private static final Map<Long, String> FLAGS =
            Map.ofEntries(
                    Map.entry(CKA_TOKEN, "CKA_TOKEN"),
                    Map.entry(CKA_PRIVATE, "CKA_PRIVATE"),
                    Map.entry(CKA_TRUSTED, "CKA_TRUSTED"),
                    Map.entry(CKA_SENSITIVE, "CKA_SENSITIVE"),
                    Map.entry(CKA_ENCRYPT, "CKA_ENCRYPT"),
                    Map.entry(CKA_DECRYPT, "CKA_DECRYPT"),
                    Map.entry(CKA_WRAP, "CKA_WRAP"),
                    Map.entry(CKA_UNWRAP, "CKA_UNWRAP"),
                    Map.entry(CKA_SIGN, "CKA_SIGN"),
                    Map.entry(CKA_VERIFY, "CKA_VERIFY"),
                    Map.entry(CKA_DERIVE, "CKA_DERIVE"),
                    Map.entry(CKA_EXTRACTABLE, "CKA_EXTRACTABLE"),
                    Map.entry(CKA_LOCAL, "CKA_LOCAL"),
                    Map.entry(CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE"),
                    Map.entry(CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE"),
                    Map.entry(CKA_MODIFIABLE, "CKA_MODIFIABLE"),
                    Map.entry(CKA_COPYABLE, "CKA_COPYABLE"),
                    Map.entry(CKA_DESTROYABLE, "CKA_DESTROYABLE"),
                    Map.entry(CKA_WRAP_WITH_TRUSTED, "CKA_WRAP_WITH_TRUSTED"));

    private AttributeNames() {}

    static Optional<String> ofFlag(long type) {
        return Optional.ofNullable(FLAGS.get(type));
    }
}
