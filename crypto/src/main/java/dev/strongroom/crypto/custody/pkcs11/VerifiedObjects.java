package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Finds objects in the token by class and computed id: exactly one, with exactly the attributes
 * that it was made with.
 *
 * <p>Remembers handles until {@link #forget()}. Thread-safe; the caller brings a session.
 */
final class VerifiedObjects {
    private final Cryptoki cryptoki;
    private final ModuleProfile profile;

    /** Replaced, not emptied: a search that began before puts what it finds into the old one. */
    private volatile ConcurrentMap<String, Long> handles = new ConcurrentHashMap<>();

    VerifiedObjects(Cryptoki cryptoki, ModuleProfile profile) {
        this.cryptoki = cryptoki;
        this.profile = profile;
    }

    void forget() {
        handles = new ConcurrentHashMap<>();
    }

    /**
     * Its handle.
     *
     * @throws CustodyException KEY_NOT_FOUND, KEY_DUPLICATE, KEY_ATTRIBUTES
     */
    long require(long session, KeyName name, Template expected)
            throws Pkcs11Exception, CustodyException {
        ConcurrentMap<String, Long> current = handles;
        Long known = current.get(name.label());
        if (known != null) {
            return known;
        }
        long handle = single(session, name, expected);
        requireAttributes(session, handle, name, expected);
        current.put(name.label(), handle);
        return handle;
    }

    private long single(long session, KeyName name, Template expected)
            throws Pkcs11Exception, CustodyException {
        var identity =
                new Template()
                        .bytes(
                                Ck.CKA_CLASS,
                                Objects.requireNonNull(expected.plain().get(Ck.CKA_CLASS)))
                        .yes(Ck.CKA_TOKEN)
                        .bytes(Ck.CKA_ID, name.id().bytes());
        List<Long> found = cryptoki.find(session, identity);
        if (found.isEmpty()) {
            throw notFound(name);
        }
        if (found.size() > 1) {
            throw new CustodyException(
                    Reason.KEY_DUPLICATE,
                    name.label() + ": expected one object, got " + found.size());
        }
        return found.getFirst();
    }

    private void requireAttributes(long session, long handle, KeyName name, Template made)
            throws Pkcs11Exception, CustodyException {
        Template expected = profile.dialect().reported(made);
        for (var attribute : expected.plain().entrySet()) {
            byte[] actual = cryptoki.attribute(session, handle, attribute.getKey());
            if (!Arrays.equals(actual, attribute.getValue())) {
                throw mismatch(name, attribute.getKey());
            }
        }
        for (var attribute : expected.nested().entrySet()) {
            Map<Long, byte[]> actual =
                    cryptoki.templateAttribute(session, handle, attribute.getKey());
            if (!sameValues(actual, attribute.getValue().plain())) {
                throw mismatch(name, attribute.getKey());
            }
        }
    }

    private static boolean sameValues(Map<Long, byte[]> actual, Map<Long, byte[]> expected) {
        return actual.keySet().equals(expected.keySet())
                && expected.entrySet().stream()
                        .allMatch(e -> Arrays.equals(e.getValue(), actual.get(e.getKey())));
    }

    static CustodyException notFound(KeyName name) {
        return new CustodyException(
                Reason.KEY_NOT_FOUND,
                name.label()
                        + " is not in the token; nothing was made in its place. Check that the"
                        + " token's storage is there and complete");
    }

    private static CustodyException mismatch(KeyName name, long attribute) {
        return new CustodyException(
                Reason.KEY_ATTRIBUTES,
                "%s: attribute 0x%x is not what the key was made with; it is not used"
                        .formatted(name.label(), attribute));
    }
}
