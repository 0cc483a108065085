package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The vault's keys in the token, each with exactly the attributes that it was made with. What is
 * not found is reported, never made.
 *
 * <p>Remembers what it verified until {@link #forget()}. Thread-safe; the caller brings a session.
 */
final class TokenKeys {
    /** A verified key-encryption key. */
    record Kek(long handle, KekInfo info) {}

    private final Cryptoki cryptoki;
    private final ModuleProfile profile;
    private final KeyTemplates templates;
    private final VerifiedObjects objects;

    /** Replaced, not emptied: a search that began before puts what it finds into the old one. */
    private volatile ConcurrentMap<String, Kek> keks = new ConcurrentHashMap<>();

    TokenKeys(Cryptoki cryptoki, ModuleProfile profile, KeyTemplates templates) {
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.templates = templates;
        this.objects = new VerifiedObjects(cryptoki, profile);
    }

    /** Handles may be stale after any failure; the next use finds and verifies again. */
    void forget() {
        objects.forget(); // first, so that what is remembered here from now on comes of a new look
        keks = new ConcurrentHashMap<>();
    }

    Kek kek(long session, TenantName tenant, int version) throws Pkcs11Exception, CustodyException {
        KeyName name = KeyName.kek(tenant, version);
        ConcurrentMap<String, Kek> current = keks;
        Kek known = current.get(name.label());
        if (known == null) {
            long handle = objects.require(session, name, templates.kek(name).and(kekBirth()));
            known = new Kek(handle, kekInfo(session, tenant, version));
            current.put(name.label(), known);
        }
        return known;
    }

    /** The key-encryption key, if it may still wrap. */
    Kek activeKek(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        Kek kek = kek(session, tenant, version);
        if (kek.info().state() != KekInfo.State.ACTIVE) {
            throw new CustodyException(
                    Reason.KEK_RETIRED,
                    KeyName.kek(tenant, version).label()
                            + " is retired and wraps nothing new; use a later version");
        }
        return kek;
    }

    List<KekInfo> keks(long session, TenantName tenant) throws Pkcs11Exception, CustodyException {
        requireVaultKeys(session); // a lost token answers every search with nothing
        List<Integer> present = kekVersions(session, tenant);
        List<KekInfo> found = new ArrayList<>();
        for (int version : present) {
            found.add(listed(session, tenant, version));
        }
        for (int version : retiredVersions(session, tenant)) {
            if (!present.contains(version)) {
                found.add(info(tenant, version, KekInfo.State.DESTROYED));
            }
        }
        found.sort(Comparator.comparingInt(KekInfo::version));
        return List.copyOf(found);
    }

    private KekInfo listed(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        try {
            return kek(session, tenant, version).info();
        } catch (CustodyException e) {
            if (e.reason() != Reason.KEY_ATTRIBUTES) {
                throw e;
            }
            return info(tenant, version, KekInfo.State.TORN);
        }
    }

    private List<Integer> kekVersions(long session, TenantName tenant) throws Pkcs11Exception {
        var everyKek =
                new Template()
                        .number(Ck.CKA_CLASS, Ck.CKO_SECRET_KEY)
                        .number(Ck.CKA_KEY_TYPE, Ck.CKK_AES)
                        .yes(Ck.CKA_TOKEN);
        return versions(session, everyKek, KeyName.kekLabelPrefix(tenant));
    }

    private List<Integer> retiredVersions(long session, TenantName tenant) throws Pkcs11Exception {
        return versions(
                session, Templates.retirementMarks(), KeyName.retirementLabelPrefix(tenant));
    }

    private List<Integer> versions(long session, Template kind, String prefix)
            throws Pkcs11Exception {
        List<Integer> versions = new ArrayList<>();
        for (long handle : cryptoki.find(session, kind)) {
            byte[] label = cryptoki.attribute(session, handle, Ck.CKA_LABEL);
            String text = new String(label, StandardCharsets.UTF_8);
            if (text.startsWith(prefix)
                    && text.substring(prefix.length()).matches("[1-9]\\d{0,8}")) {
                versions.add(Integer.valueOf(text.substring(prefix.length())));
            }
        }
        return versions.stream().distinct().toList();
    }

    private KekInfo kekInfo(long session, TenantName tenant, int version) throws Pkcs11Exception {
        return info(
                tenant,
                version,
                isRetired(session, tenant, version) ? KekInfo.State.RETIRED : KekInfo.State.ACTIVE);
    }

    private KekInfo info(TenantName tenant, int version, KekInfo.State state) {
        return new KekInfo(
                tenant,
                version,
                KeyName.kek(tenant, version).id().hex(),
                state,
                profile.levelOf(templates.origin()));
    }

    /** Whether the token has the mark that this version is retired; the key may be gone. */
    boolean isRetired(long session, TenantName tenant, int version) throws Pkcs11Exception {
        KeyName name = KeyName.retirement(tenant, version);
        var mark = Templates.retirementMarks().bytes(Ck.CKA_ID, name.id().bytes());
        return !cryptoki.find(session, mark).isEmpty();
    }

    /** Whether anything in the token has the key's id, in whatever state. */
    boolean isPresent(long session, KeyName name) throws Pkcs11Exception {
        return !cryptoki.find(session, new Template().bytes(Ck.CKA_ID, name.id().bytes()))
                .isEmpty();
    }

    long importKey(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        KeyName name = KeyName.importKey(tenant, version);
        return objects.require(
                session, name, templates.importPrivateKey(name).and(Templates.bornInside()));
    }

    /** Read from the private key, so that no other public key can be put in its place. */
    byte[] importKeySpki(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        long key = importKey(session, tenant, version);
        return Rsa.spki(
                cryptoki.attribute(session, key, Ck.CKA_MODULUS),
                cryptoki.attribute(session, key, Ck.CKA_PUBLIC_EXPONENT));
    }

    /** A recipient that a security officer registered; there is no other way to be one here. */
    long registeredRecipient(long session, byte[] spki, RSAPublicKey key)
            throws Pkcs11Exception, CustodyException {
        KeyName name = KeyName.recipient(Digest.sha256(spki));
        try {
            return objects.require(session, name, KeyTemplates.registered(name, key));
        } catch (CustodyException e) {
            if (e.reason() != Reason.KEY_NOT_FOUND) {
                throw e;
            }
            throw new CustodyException(
                    Reason.RECIPIENT_NOT_REGISTERED,
                    "release: this token's keys were made at a ceremony and go only to keys that"
                            + " its security officer registered, and this is none; a node's key"
                            + " is made anew for each request, so such a vault serves no node of"
                            + " this version",
                    e);
        }
    }

    /** Looks again whether this is the token with the vault's own keys. */
    void requireVaultKeys(long session) throws Pkcs11Exception, CustodyException {
        forget();
        recordMac(session);
    }

    /** Each of the vault's own keys, found and verified. */
    void requireEveryVaultKey(long session) throws Pkcs11Exception, CustodyException {
        recordMac(session);
        for (SigningKey key : SigningKey.values()) {
            requireSigningKey(session, key);
        }
    }

    /**
     * One good version at least, and nothing under the name of a version that is not ours. A torn
     * one is passed over: whoever needs it does not find it.
     */
    private void requireSigningKey(long session, SigningKey key)
            throws Pkcs11Exception, CustodyException {
        CustodyException none = null;
        int good = 0;
        for (int version : signingVersions(session, key)) {
            try {
                signingKey(session, KeyName.signing(key, version));
                good++;
            } catch (CustodyException e) {
                if (e.reason() != Reason.KEY_ATTRIBUTES) {
                    throw e;
                }
                none = e;
            }
        }
        if (good == 0) {
            throw none == null ? VerifiedObjects.notFound(KeyName.signing(key)) : none;
        }
    }

    private List<Integer> signingVersions(long session, SigningKey key) throws Pkcs11Exception {
        var everyPair =
                new Template()
                        .number(Ck.CKA_CLASS, Ck.CKO_PRIVATE_KEY)
                        .number(Ck.CKA_KEY_TYPE, Ck.CKK_EC)
                        .yes(Ck.CKA_TOKEN);
        return versions(session, everyPair, KeyName.signingLabelPrefix(key));
    }

    long recordMac(long session) throws Pkcs11Exception, CustodyException {
        KeyName name = KeyName.recordMac();
        return objects.require(session, name, Templates.recordMac(name).and(kekBirth()));
    }

    long signingKey(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        return objects.require(
                session, name, Templates.signingPrivateKey(name).and(Templates.bornInside()));
    }

    /**
     * The carrier of a signing key's public half.
     *
     * @throws CustodyException KEY_ATTRIBUTES if the key is there without it
     */
    void requireCertificate(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        var certificate =
                new Template()
                        .number(Ck.CKA_CLASS, Ck.CKO_CERTIFICATE)
                        .bytes(Ck.CKA_ID, name.id().bytes());
        if (cryptoki.find(session, certificate).isEmpty() && isPresent(session, name)) {
            throw new CustodyException(
                    Reason.KEY_ATTRIBUTES, name.label() + " was never finished; it is not used");
        }
    }

    /** Refuses if anything in the token has the name, by label or by id, in any class. */
    void requireAbsent(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        var byId = new Template().bytes(Ck.CKA_ID, name.id().bytes());
        var byLabel = new Template().text(Ck.CKA_LABEL, name.label());
        if (!cryptoki.find(session, byId).isEmpty() || !cryptoki.find(session, byLabel).isEmpty()) {
            throw new CustodyException(
                    Reason.KEY_EXISTS, name.label() + " is already in the token; nothing was made");
        }
    }

    private static Template kekBirth() {
        return Templates.bornInside().number(Ck.CKA_VALUE_LEN, Templates.AES_256_BYTES);
    }
}
