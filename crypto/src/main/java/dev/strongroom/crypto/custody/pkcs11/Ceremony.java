package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript.Standing;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript.Step;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.custody.rules.RecipientKey;
import dev.strongroom.crypto.format.TenantName;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A security officer makes a tenant's keys so that whoever has the vault's PIN can use them and
 * neither read, change, copy nor destroy them: a pool of key-encryption keys, the import key, and
 * the recipients that data keys may go to. Each is read back and attacked before the next is made.
 *
 * <p>The vault stays stopped meanwhile: a token has one user at a time.
 */
public final class Ceremony {
    private final CeremonyPlan plan;
    private final ModuleProfile profile;
    private final Cryptoki cryptoki;
    private final TokenKeys keys;
    private final KeyMaker maker;
    private final KeyTemplates templates = new KeyTemplates(KeyOrigin.CEREMONY);
    private final List<Step> steps = new ArrayList<>();

    private Ceremony(CeremonyPlan plan, ModuleProfile profile, Cryptoki cryptoki) {
        this.plan = plan;
        this.profile = profile;
        this.cryptoki = cryptoki;
        keys = new TokenKeys(cryptoki, profile, templates);
        maker = new KeyMaker(cryptoki, keys, profile.dialect(), templates);
    }

    /**
     * Holds it. What was made before a failure stays in the token, as the message says.
     *
     * @throws CustodyException MODULE_NOT_USABLE for a module that cannot hold such keys,
     *     KEY_EXISTS before anything is made if a version is there already, SELF_TEST_FAILED if the
     *     token lets a new key be changed, PIN_INCORRECT after exactly one attempt, and those of
     *     {@link Pkcs11Custodian#open}
     */
    public static CeremonyTranscript hold(CeremonyPlan plan) throws CustodyException {
        List<RSAPublicKey> recipients = new ArrayList<>();
        for (byte[] spki : plan.recipients()) {
            recipients.add(RecipientKey.of(spki)); // a bad file is seen before the token is touched
        }
        Cryptoki cryptoki = Cryptoki.load(plan.module());
        try {
            ModuleFacts.ModuleInfo module = cryptoki.facts().info();
            ModuleProfile profile = ModuleProfiles.choose(module, plan.module());
            requireAble(profile);
            var token = TokenChoice.byLabel(cryptoki, plan.tokenLabel());
            var ceremony = new Ceremony(plan, profile, cryptoki);
            try (var officer = SecurityOfficer.login(cryptoki, token.slot(), plan.officerPin())) {
                ceremony.run(officer.session(), recipients);
            }
            return new CeremonyTranscript(
                    module.name(),
                    token.label(),
                    token.serial(),
                    profile.level() == TrustLevel.HSM ? Standing.TRUSTED : Standing.REHEARSAL,
                    ceremony.steps);
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of("hold the ceremony", e);
        }
    }

    private static void requireAble(ModuleProfile profile) throws CustodyException {
        boolean able =
                profile.name() == ProfileName.GENERIC // the attempts below decide
                        || profile.claims().containsAll(Guarantee.CEREMONY);
        if (!able) {
            throw new CustodyException(
                    Reason.MODULE_NOT_USABLE,
                    "a module with profile "
                            + profile.name().label()
                            + " cannot hold keys that its user is unable to change, so there is no"
                            + " ceremony for it");
        }
    }

    private void run(long session, List<RSAPublicKey> recipients)
            throws Pkcs11Exception, CustodyException {
        TenantName tenant = plan.tenant();
        for (int version = plan.firstKek(); version <= plan.lastKek(); version++) {
            keys.requireAbsent(session, KeyName.kek(tenant, version));
        }
        note("log in as security officer", "", "", Map.of());
        for (int version = plan.firstKek(); version <= plan.lastKek(); version++) {
            kek(session, tenant, version);
        }
        importKey(session, KeyName.importKey(tenant, plan.importKey()));
        for (int i = 0; i < recipients.size(); i++) {
            recipient(session, plan.recipients().get(i), recipients.get(i));
        }
    }

    private void kek(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        KeyName name = KeyName.kek(tenant, version);
        maker.makeKek(session, name);
        long handle = keys.kek(session, tenant, version).handle();
        attack(session, handle, name);
        note("make key-encryption key", name, templates.kek(name).and(Templates.bornInside()));
    }

    private void importKey(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        boolean isThere = keys.isPresent(session, name);
        if (!isThere) {
            maker.makeImportKey(session, name);
        }
        byte[] spki = keys.importKeySpki(session, plan.tenant(), plan.importKey());
        attack(session, keys.importKey(session, plan.tenant(), plan.importKey()), name);
        note(
                isThere ? "verify import key, made before" : "make import key",
                name,
                templates.importPrivateKey(name).and(Templates.bornInside()),
                Map.of("fingerprint", Digest.sha256(spki).hex()));
    }

    private void recipient(long session, byte[] spki, RSAPublicKey key)
            throws Pkcs11Exception, CustodyException {
        Digest fingerprint = Digest.sha256(spki);
        KeyName name = KeyName.recipient(fingerprint);
        Template template = KeyTemplates.registered(name, key);
        boolean isThere = keys.isPresent(session, name);
        if (!isThere) {
            cryptoki.createObject(session, profile.dialect().key(template));
        }
        attack(session, keys.registeredRecipient(session, spki, key), name);
        note(
                isThere ? "verify recipient, registered before" : "register recipient",
                name,
                template,
                Map.of("fingerprint", fingerprint.hex()));
    }

    /** What even a security officer must not be able to do afterwards. */
    private void attack(long session, long handle, KeyName name) throws CustodyException {
        var more = new Template().yes(Ck.CKA_DECRYPT);
        var calls = new ForbiddenCalls(cryptoki);
        requireRefused(
                Guarantee.ATTRIBUTES_LOCKED,
                name,
                () -> calls.setAttributes(session, handle, more));
        requireRefused(Guarantee.NO_COPY, name, () -> calls.copyObject(session, handle, more));
        requireRefused(Guarantee.NO_DESTROY, name, () -> cryptoki.destroyObject(session, handle));
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Pkcs11Exception;
    }

    private static void requireRefused(Guarantee guarantee, KeyName name, Attempt forbidden)
            throws CustodyException {
        try {
            forbidden.run();
        } catch (Pkcs11Exception refused) {
            return;
        }
        throw new CustodyException(
                Reason.SELF_TEST_FAILED,
                name.label()
                        + ": the ceremony is over, since this does not hold: "
                        + guarantee.claim()
                        + "; initialise the token anew");
    }

    private void note(String action, KeyName name, Template verified) {
        note(action, name, verified, Map.of());
    }

    private void note(String action, KeyName name, Template template, Map<String, String> more) {
        SequencedMap<String, String> verified = new LinkedHashMap<>(more);
        Template reported = profile.dialect().reported(template);
        reported.plain().forEach((type, value) -> describe(verified, "", type, value));
        reported.nested()
                .forEach((_, inner) ->
                        inner.plain()
                                .forEach((of, value) ->
                                        describe(verified, "CKA_UNWRAP_TEMPLATE.", of, value)));
        verified.put("refused", "to add DECRYPT, to copy, to destroy");
        note(action, name.label(), name.id().hex(), verified);
    }

    private static void describe(
            Map<String, String> verified, String prefix, long type, byte[] value) {
        AttributeNames.ofFlag(type)
                .ifPresent(flag -> verified.put(prefix + flag, value[0] == 1 ? "true" : "false"));
    }

    private void note(String action, String object, String id, Map<String, String> verified) {
        steps.add(new Step(action, object, id, new LinkedHashMap<>(verified)));
    }
}
