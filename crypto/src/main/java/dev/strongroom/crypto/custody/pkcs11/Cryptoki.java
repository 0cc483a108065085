package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.CkFunction.*;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The module's functions with Java types: each method is one call of PKCS#11 or one find. Handles
 * are plain numbers here; {@link SessionLeases} and {@link TransientObject} give them a scope.
 *
 * <p>A module is initialised when it is first loaded and again by {@link #restart}; {@link
 * ModuleGate} keeps calls out meanwhile. Safe for several threads as long as no two use one
 * session.
 */
final class Cryptoki {
    private static final Map<Path, Cryptoki> LOADED = new ConcurrentHashMap<>();
    private static final ReentrantLock LOADING = new ReentrantLock();
    private static final int MAX_ATTRIBUTE_BYTES = 4096; // the longest we read: an RSA modulus
    // The length query of some modules is wrong, so output buffers are fixed.
    private static final int MAX_OUTPUT_BYTES = 8192;
    private static final int FIND_BATCH = 256;

    /** A new key pair. */
    record KeyPairHandles(long publicKey, long privateKey) {}

    private final NativeModule module;
    private final Optional<String> parameters;
    private final ModuleGate gate = new ModuleGate();

    private Cryptoki(NativeModule module, Optional<String> parameters) {
        this.module = module;
        this.parameters = parameters;
    }

    /** Loads and initialises a module, or gives the one that is loaded. */
    static Cryptoki load(Pkcs11Module choice) throws CustodyException {
        Path library = choice.library();
        try {
            Path real = library.toRealPath();
            Cryptoki loaded = LOADED.get(real);
            return loaded != null ? loaded : initialise(real, choice);
        } catch (IOException | IllegalArgumentException | Pkcs11Exception e) {
            throw new CustodyException(
                    Reason.MODULE_NOT_USABLE,
                    "PKCS#11 module " + library + " cannot be loaded; check the configured path",
                    e);
        }
    }

    private static Cryptoki initialise(Path library, Pkcs11Module choice) throws Pkcs11Exception {
        LOADING.lock();
        try {
            Cryptoki loaded = LOADED.get(library);
            if (loaded == null) {
                loaded = new Cryptoki(new NativeModule(library), choice.parameters());
                loaded.initialise();
                LOADED.put(library, loaded);
            }
            return loaded;
        } finally {
            LOADING.unlock();
        }
    }

    private void initialise() throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            // CK_C_INITIALIZE_ARGS; with NSS its reserved pointer comes after the parameters
            MemorySegment arguments = arena.allocate(56, Long.BYTES);
            arguments.set(JAVA_LONG, 32, Ck.CKF_OS_LOCKING_OK);
            if (parameters.isPresent()) {
                arguments.set(ADDRESS, 40, arena.allocateFrom(parameters.get()));
            }
            module.call(C_INITIALIZE, arguments);
        } catch (Pkcs11Exception e) {
            if (e.result() != CkResult.CRYPTOKI_ALREADY_INITIALIZED) {
                throw e;
            }
        }
    }

    /**
     * Finalises the module and initialises it anew, which ends every session, login and handle of
     * this process in it. The caller has closed the gate.
     */
    void restart() throws Pkcs11Exception {
        gate.restarting();
        try {
            module.call(C_FINALIZE, MemorySegment.NULL);
        } catch (Pkcs11Exception e) {
            if (e.result() != CkResult.CRYPTOKI_NOT_INITIALIZED) {
                throw e;
            }
        }
        initialise();
    }

    /** Everybody who uses this module in this process goes through its gate. */
    ModuleGate gate() {
        return gate;
    }

    /** What the module says about itself. */
    ModuleFacts facts() {
        return new ModuleFacts(module);
    }

    /** For functions that only one caller needs. */
    NativeModule module() {
        return module;
    }

    long openSession(long slot) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment session = arena.allocate(JAVA_LONG);
            module.call(
                    C_OPEN_SESSION,
                    slot,
                    Ck.CKF_SERIAL_SESSION | Ck.CKF_RW_SESSION,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    session);
            return session.get(JAVA_LONG, 0);
        }
    }

    void closeSession(long session) throws Pkcs11Exception {
        module.call(C_CLOSE_SESSION, session);
    }

    void login(long session, long user, MemorySegment pin) throws Pkcs11Exception {
        module.call(C_LOGIN, session, user, pin, pin.byteSize());
    }

    void logout(long session) throws Pkcs11Exception {
        module.call(C_LOGOUT, session);
    }

    long createObject(long session, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment object = arena.allocate(JAVA_LONG);
            module.call(
                    C_CREATE_OBJECT,
                    session,
                    template.allocate(arena),
                    (long) template.size(),
                    object);
            return object.get(JAVA_LONG, 0);
        }
    }

    void destroyObject(long session, long object) throws Pkcs11Exception {
        module.call(C_DESTROY_OBJECT, session, object);
    }

    /** One attribute's bytes. */
    byte[] attribute(long session, long object, long type) throws Pkcs11Exception {
        try {
            return attribute(session, object, type, MAX_ATTRIBUTE_BYTES);
        } catch (Pkcs11Exception e) {
            if (e.result() != CkResult.BUFFER_TOO_SMALL) {
                throw e;
            }
            return attribute(session, object, type, Long.BYTES); // NSS: a number's exact size only
        }
    }

    private byte[] attribute(long session, long object, long type, int bufferBytes)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(bufferBytes, Long.BYTES);
            MemorySegment attribute = arena.allocate(Template.CK_ATTRIBUTE_BYTES, Long.BYTES);
            attribute.set(JAVA_LONG, 0, type);
            attribute.set(ADDRESS, 8, value);
            attribute.set(JAVA_LONG, 16, value.byteSize());
            module.call(C_GET_ATTRIBUTE_VALUE, session, object, attribute, 1L);
            return output(value, attribute.get(JAVA_LONG, 16));
        }
    }

    /** An attribute that is a template of plain values. */
    Map<Long, byte[]> templateAttribute(long session, long object, long type)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nested = arena.allocate(MAX_ATTRIBUTE_BYTES, Long.BYTES);
            MemorySegment attribute = arena.allocate(Template.CK_ATTRIBUTE_BYTES, Long.BYTES);
            attribute.set(JAVA_LONG, 0, type);
            attribute.set(ADDRESS, 8, nested);
            attribute.set(JAVA_LONG, 16, nested.byteSize());
            // First the types and lengths of the values, then the values.
            module.call(C_GET_ATTRIBUTE_VALUE, session, object, attribute, 1L);
            long bytes = Math.min(attribute.get(JAVA_LONG, 16), nested.byteSize());
            for (long at = 0; at + Template.CK_ATTRIBUTE_BYTES <= bytes; at += 24) {
                nested.set(ADDRESS, at + 8, arena.allocate(nested.get(JAVA_LONG, at + 16)));
            }
            module.call(C_GET_ATTRIBUTE_VALUE, session, object, attribute, 1L);
            Map<Long, byte[]> values = new TreeMap<>();
            for (long at = 0; at + Template.CK_ATTRIBUTE_BYTES <= bytes; at += 24) {
                values.put(nested.get(JAVA_LONG, at), nestedValue(nested, at));
            }
            return values;
        }
    }

    /** Every object that has these attributes and that this session may see. */
    List<Long> find(long session, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            module.call(
                    C_FIND_OBJECTS_INIT, session, template.allocate(arena), (long) template.size());
            List<Long> found = new ArrayList<>();
            MemorySegment objects = arena.allocate(JAVA_LONG, FIND_BATCH);
            MemorySegment count = arena.allocate(JAVA_LONG);
            do {
                module.call(C_FIND_OBJECTS, session, objects, (long) FIND_BATCH, count);
                for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
                    found.add(objects.getAtIndex(JAVA_LONG, i));
                }
            } while (count.get(JAVA_LONG, 0) == FIND_BATCH);
            module.call(C_FIND_OBJECTS_FINAL, session);
            return found;
        }
    }

    long generateKey(long session, Mechanism mechanism, Template template) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(JAVA_LONG);
            module.call(
                    C_GENERATE_KEY,
                    session,
                    mechanism.allocate(arena),
                    template.allocate(arena),
                    (long) template.size(),
                    key);
            return key.get(JAVA_LONG, 0);
        }
    }

    KeyPairHandles generateKeyPair(
            long session, Mechanism mechanism, Template publicKey, Template privateKey)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handles = arena.allocate(JAVA_LONG, 2);
            module.call(
                    C_GENERATE_KEY_PAIR,
                    session,
                    mechanism.allocate(arena),
                    publicKey.allocate(arena),
                    (long) publicKey.size(),
                    privateKey.allocate(arena),
                    (long) privateKey.size(),
                    handles,
                    handles.asSlice(8));
            return new KeyPairHandles(
                    handles.getAtIndex(JAVA_LONG, 0), handles.getAtIndex(JAVA_LONG, 1));
        }
    }

    byte[] wrap(long session, Mechanism mechanism, long wrappingKey, long key)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wrapped = arena.allocate(MAX_OUTPUT_BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_LONG, MAX_OUTPUT_BYTES);
            module.call(
                    C_WRAP_KEY,
                    session,
                    mechanism.allocate(arena),
                    wrappingKey,
                    key,
                    wrapped,
                    length);
            return output(wrapped, length.get(JAVA_LONG, 0));
        }
    }

    long unwrap(
            long session,
            Mechanism mechanism,
            long unwrappingKey,
            byte[] wrapped,
            Template template)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(JAVA_LONG);
            module.call(
                    C_UNWRAP_KEY,
                    session,
                    mechanism.allocate(arena),
                    unwrappingKey,
                    arena.allocateFrom(JAVA_BYTE, wrapped),
                    (long) wrapped.length,
                    template.allocate(arena),
                    (long) template.size(),
                    key);
            return key.get(JAVA_LONG, 0);
        }
    }

    byte[] sign(long session, Mechanism mechanism, long key, byte[] message)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment signature = arena.allocate(MAX_OUTPUT_BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_LONG, MAX_OUTPUT_BYTES);
            module.call(C_SIGN_INIT, session, mechanism.allocate(arena), key);
            module.call(
                    C_SIGN,
                    session,
                    arena.allocateFrom(JAVA_BYTE, message),
                    (long) message.length,
                    signature,
                    length);
            return output(signature, length.get(JAVA_LONG, 0));
        }
    }

    void verify(long session, Mechanism mechanism, long key, byte[] message, byte[] signature)
            throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            module.call(C_VERIFY_INIT, session, mechanism.allocate(arena), key);
            module.call(
                    C_VERIFY,
                    session,
                    arena.allocateFrom(JAVA_BYTE, message),
                    (long) message.length,
                    arena.allocateFrom(JAVA_BYTE, signature),
                    (long) signature.length);
        }
    }

    // The pointer that was just read back has no size of its own.
    @SuppressWarnings("restricted")
    private static byte[] nestedValue(MemorySegment nested, long at) {
        long length = nested.get(JAVA_LONG, at + 16);
        return nested.get(ADDRESS, at + 8).reinterpret(length).toArray(JAVA_BYTE);
    }

    private static byte[] output(MemorySegment buffer, long length) throws Pkcs11Exception {
        if (length < 0 || length > buffer.byteSize()) {
            throw new Pkcs11Exception("module output length", Ck.UNAVAILABLE);
        }
        return buffer.asSlice(0, length).toArray(JAVA_BYTE);
    }
}
