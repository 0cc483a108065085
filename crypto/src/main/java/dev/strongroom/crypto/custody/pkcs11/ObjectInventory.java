package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Everything that is in a token, each object with its role. What it is called decides nothing: an
 * object is a vault's if it has the computed id, the class and every attribute of the name it
 * bears.
 */
final class ObjectInventory {
    private static final Pattern LABEL =
            Pattern.compile("strongroom/([a-z-]+)(?:/([a-z0-9-]{1,64}))?(?:/([1-9]\\d{0,8}))?");
    private static final Set<Reason> ABOUT_ONE_KEY =
            EnumSet.of(Reason.KEY_NOT_FOUND, Reason.KEY_DUPLICATE, Reason.KEY_ATTRIBUTES);
    private static final int MAX_TENANT_CHARACTERS = 63; // a recipient has a digest there
    private static final List<Long> FLAGS =
            List.of(
                    Ck.CKA_PRIVATE,
                    Ck.CKA_SENSITIVE,
                    Ck.CKA_EXTRACTABLE,
                    Ck.CKA_MODIFIABLE,
                    Ck.CKA_COPYABLE,
                    Ck.CKA_DESTROYABLE,
                    Ck.CKA_TRUSTED,
                    Ck.CKA_LOCAL,
                    Ck.CKA_ENCRYPT,
                    Ck.CKA_DECRYPT,
                    Ck.CKA_WRAP,
                    Ck.CKA_UNWRAP,
                    Ck.CKA_SIGN,
                    Ck.CKA_VERIFY,
                    Ck.CKA_DERIVE);
    private static final Map<Long, String> CLASSES =
            new TreeMap<>(
                    Map.of(
                            Ck.CKO_DATA, "data",
                            Ck.CKO_CERTIFICATE, "certificate",
                            Ck.CKO_PUBLIC_KEY, "public key",
                            Ck.CKO_PRIVATE_KEY, "private key",
                            Ck.CKO_SECRET_KEY, "secret key"));

    private final Cryptoki cryptoki;
    private final long session;
    private final List<TokenKeys> makers;

    ObjectInventory(Cryptoki cryptoki, ModuleProfile profile, long session) {
        this.cryptoki = cryptoki;
        this.session = session;
        this.makers =
                Arrays.stream(KeyOrigin.values())
                        .map(origin -> new TokenKeys(cryptoki, profile, new KeyTemplates(origin)))
                        .toList();
    }

    /** Lasting objects, by label. */
    List<TokenObject> list() throws Pkcs11Exception, CustodyException {
        List<TokenObject> objects = new ArrayList<>();
        for (long handle : cryptoki.find(session, new Template().yes(Ck.CKA_TOKEN))) {
            objects.add(object(handle));
        }
        objects.sort(Comparator.comparing(TokenObject::label).thenComparing(TokenObject::kind));
        return objects;
    }

    private TokenObject object(long handle) throws Pkcs11Exception, CustodyException {
        String label = new String(bytes(handle, Ck.CKA_LABEL), StandardCharsets.UTF_8);
        byte[] id = bytes(handle, Ck.CKA_ID);
        long kind = number(bytes(handle, Ck.CKA_CLASS));
        Role role = role(label);
        return new TokenObject(
                CLASSES.getOrDefault(kind, "class 0x" + Long.toHexString(kind)),
                role.words(),
                label.replaceAll("\\P{Print}", "?"),
                HexFormat.of().formatHex(id),
                flags(handle),
                standing(role, kind, id));
    }

    private List<String> flags(long handle) throws Pkcs11Exception {
        List<String> flags = new ArrayList<>();
        for (long flag : FLAGS) {
            byte[] value = bytes(handle, flag);
            if (value.length == 1 && value[0] != 0) {
                flags.add(AttributeNames.ofFlag(flag).orElseThrow());
            }
        }
        return flags;
    }

    /** Empty for an attribute that an object of its class does not have. */
    private byte[] bytes(long handle, long attribute) throws Pkcs11Exception {
        try {
            return cryptoki.attribute(session, handle, attribute);
        } catch (Pkcs11Exception e) {
            if (e.result() == CkResult.ATTRIBUTE_TYPE_INVALID) {
                return new byte[0];
            }
            throw e;
        }
    }

    private static long number(byte[] value) {
        return value.length == Long.BYTES
                ? ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong()
                : Ck.UNAVAILABLE;
    }

    @FunctionalInterface
    private interface Search {
        Object in(TokenKeys keys) throws Pkcs11Exception, CustodyException;
    }

    /**
     * What a label says an object is.
     *
     * @param words empty for a label that is none of ours
     * @param name what it is called then, with its id
     * @param search finds it with every attribute, where it is a key
     */
    private record Role(String words, KeyName name, List<Long> kinds, Search search) {}

    private TokenObject.Standing standing(Role role, long kind, byte[] id)
            throws Pkcs11Exception, CustodyException {
        if (role.words().isEmpty()) {
            return TokenObject.Standing.UNKNOWN;
        }
        boolean ours =
                role.kinds().contains(kind)
                        && Arrays.equals(id, role.name().id().bytes())
                        && isAsMade(role);
        return ours ? TokenObject.Standing.AS_MADE : TokenObject.Standing.NOT_AS_MADE;
    }

    private boolean isAsMade(Role role) throws Pkcs11Exception, CustodyException {
        for (TokenKeys keys : makers) {
            try {
                role.search().in(keys);
                return true;
            } catch (CustodyException e) {
                if (!ABOUT_ONE_KEY.contains(e.reason())) {
                    throw e;
                }
            }
        }
        return false;
    }

    private Role role(String label) {
        Matcher parts = LABEL.matcher(label);
        if (!parts.matches()) {
            return nobodys();
        }
        String kind = parts.group(1);
        String of = parts.group(2) == null ? "" : parts.group(2);
        return parts.group(3) == null || of.length() > MAX_TENANT_CHARACTERS
                ? single(kind, of)
                : versioned(kind, of, Integer.parseInt(parts.group(3)));
    }

    private Role single(String kind, String of) {
        if (kind.equals("record-mac") && of.isEmpty()) {
            return new Role(
                    "key of the records' MACs",
                    KeyName.recordMac(),
                    List.of(Ck.CKO_SECRET_KEY),
                    keys -> keys.recordMac(session));
        }
        return kind.equals("recipient") && of.matches("[0-9a-f]{64}")
                ? new Role(
                        "recipient that a security officer registered",
                        KeyName.recipient(new Digest(of)),
                        List.of(Ck.CKO_PUBLIC_KEY),
                        keys -> keys)
                : nobodys();
    }

    private Role versioned(String kind, String of, int version) {
        return switch (kind) {
            case "kek" -> {
                var tenant = new TenantName(of);
                yield new Role(
                        "key-encryption key " + of + "/" + version,
                        KeyName.kek(tenant, version),
                        List.of(Ck.CKO_SECRET_KEY),
                        keys -> keys.kek(session, tenant, version));
            }
            case "kek-retired" ->
                    new Role(
                            "mark: key-encryption key " + of + "/" + version + " is retired",
                            KeyName.retirement(new TenantName(of), version),
                            List.of(Ck.CKO_SECRET_KEY),
                            keys -> keys);
            case "import" -> {
                var tenant = new TenantName(of);
                yield new Role(
                        "import key " + of + "/" + version,
                        KeyName.importKey(tenant, version),
                        List.of(Ck.CKO_PRIVATE_KEY),
                        keys -> keys.importKey(session, tenant, version));
            }
            case "signing" -> signing(of, version);
            default -> nobodys();
        };
    }

    private Role signing(String key, int version) {
        for (SigningKey known : SigningKey.values()) {
            if (known.label().equals(key)) {
                KeyName name = KeyName.signing(known, version);
                return new Role(
                        "the vault's " + key + " key, version " + version,
                        name,
                        List.of(Ck.CKO_PRIVATE_KEY, Ck.CKO_CERTIFICATE),
                        keys -> keys.signingKey(session, name));
            }
        }
        return nobodys();
    }

    private Role nobodys() {
        return new Role("", KeyName.recordMac(), List.of(), keys -> keys);
    }
}
