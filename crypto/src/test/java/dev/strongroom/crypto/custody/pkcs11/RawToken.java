package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.strongroom.crypto.custody.rules.KeyName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a process that has the PIN can ask of the token, whether or not our code ever would. */
final class RawToken implements AutoCloseable {
    private final Cryptoki cryptoki;
    private final long session;

    RawToken(Cryptoki cryptoki, long session) {
        this.cryptoki = cryptoki;
        this.session = session;
    }

    Cryptoki cryptoki() {
        return cryptoki;
    }

    long session() {
        return session;
    }

    List<Long> find(Template template) throws Pkcs11Exception {
        return cryptoki.find(session, template);
    }

    long object(long objectClass, KeyName name) throws Pkcs11Exception {
        return find(new Template()
                        .number(Ck.CKA_CLASS, objectClass)
                        .bytes(Ck.CKA_ID, name.id().bytes()))
                .getFirst();
    }

    byte[] read(long object, long attribute) throws Pkcs11Exception {
        return cryptoki.attribute(session, object, attribute);
    }

    long create(Template template) throws Pkcs11Exception {
        return cryptoki.createObject(session, template);
    }

    long unwrap(long unwrappingKey, byte[] wrapped, Template template) throws Pkcs11Exception {
        return cryptoki.unwrap(session, KEY_WRAP, unwrappingKey, wrapped, template);
    }

    byte[] wrap(Mechanism mechanism, long wrappingKey, long key) throws Pkcs11Exception {
        return cryptoki.wrap(session, mechanism, wrappingKey, key);
    }

    void set(long object, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            call(25, "LLPL", session, object, template.allocate(arena), (long) template.size());
        }
    }

    long copy(long object, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(JAVA_LONG);
            MemorySegment attributes = template.allocate(arena);
            call(21, "LLPLP", session, object, attributes, (long) template.size(), copy);
            return copy.get(JAVA_LONG, 0);
        }
    }

    void encryptInit(Mechanism mechanism, long key) throws Pkcs11Exception {
        init(29, mechanism, key);
    }

    void decryptInit(Mechanism mechanism, long key) throws Pkcs11Exception {
        init(33, mechanism, key);
    }

    void signInit(Mechanism mechanism, long key) throws Pkcs11Exception {
        init(42, mechanism, key);
    }

    /** SHA-256 of a key's value, which SENSITIVE does not prevent. */
    byte[] digestKey(long key) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            var sha256 = new Mechanism.Plain(Ck.CKM_SHA256).allocate(arena);
            MemorySegment digest = arena.allocate(32);
            MemorySegment length = arena.allocateFrom(JAVA_LONG, 32);
            call(37, "LP", session, sha256);
            call(40, "LL", session, key);
            call(41, "LPP", session, digest, length);
            return digest.toArray(JAVA_BYTE);
        }
    }

    void destroy(long object) throws Pkcs11Exception {
        cryptoki.destroyObject(session, object);
    }

    private void init(int index, Mechanism mechanism, long key) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            call(index, "LPL", session, mechanism.allocate(arena), key);
        }
    }

    private void call(int index, String parameters, Object... arguments) throws Pkcs11Exception {
        var function = cryptoki.module().bind(index, parameters);
        NativeModule.invoke("function " + index, function, arguments);
    }

    @Override
    public void close() throws Pkcs11Exception {
        cryptoki.closeSession(session);
    }

    static final Mechanism KEY_WRAP = new Mechanism.Plain(Ck.CKM_AES_KEY_WRAP);
}
