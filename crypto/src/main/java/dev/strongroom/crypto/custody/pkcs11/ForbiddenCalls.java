package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.CkFunction.*;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Calls that a good module refuses on our keys; nobody but the self-test and the ceremony makes
 * them, to see that.
 */
final class ForbiddenCalls {
    private final NativeModule module;

    ForbiddenCalls(Cryptoki cryptoki) {
        this.module = cryptoki.module();
    }

    void setAttributes(long session, long object, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            module.call(
                    C_SET_ATTRIBUTE_VALUE,
                    session,
                    object,
                    template.allocate(arena),
                    (long) template.size());
        }
    }

    void copyObject(long session, long object, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            module.call(
                    C_COPY_OBJECT,
                    session,
                    object,
                    template.allocate(arena),
                    (long) template.size(),
                    arena.allocate(JAVA_LONG));
        }
    }

    /** SHA-256 over a key's value. */
    void digestKey(long session, long key) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            module.call(C_DIGEST_INIT, session, new Mechanism.Plain(Ck.CKM_SHA256).allocate(arena));
            module.call(C_DIGEST_KEY, session, key);
            MemorySegment digest = arena.allocate(32);
            module.call(C_DIGEST_FINAL, session, digest, arena.allocateFrom(JAVA_LONG, 32));
        }
    }

    void decryptInit(long session, Mechanism mechanism, long key) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            module.call(C_DECRYPT_INIT, session, mechanism.allocate(arena), key);
        }
    }
}
