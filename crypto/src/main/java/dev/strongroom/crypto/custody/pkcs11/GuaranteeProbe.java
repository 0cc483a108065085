package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.Guarantee;
import java.util.Arrays;
import java.util.List;

/** Attempts what each guarantee forbids. A guarantee holds if the module refuses the attempt. */
final class GuaranteeProbe {
    /** What to look for, once the keys for it are made. */
    @FunctionalInterface
    private interface Forbidden {
        void attempt(SelfTestKeys keys) throws Pkcs11Exception, CustodyException;
    }

    private final Cryptoki cryptoki;
    private final ForbiddenCalls calls;
    private final ModuleProfile profile;
    private final SessionLeases sessions;

    GuaranteeProbe(Cryptoki cryptoki, ModuleProfile profile, SessionLeases sessions) {
        this.cryptoki = cryptoki;
        this.calls = new ForbiddenCalls(cryptoki);
        this.profile = profile;
        this.sessions = sessions;
    }

    boolean holds(Guarantee guarantee) throws CustodyException {
        return switch (guarantee) {
            case VALUE_UNREADABLE -> refuses(this::readAKek);
            case SENSITIVE_AFTER_UNWRAP -> refuses(this::readADataKey);
            case KEK_DOES_NOT_DECRYPT -> refuses(this::decryptWithAKek);
            case IN_TOKEN_ROTATION -> rotates();
            case UNEXTRACTABLE_STAYS -> refuses(this::wrapAKek);
            case UNWRAP_TEMPLATE -> refusesWeakTemplates();
            case WRAP_WITH_TRUSTED -> refuses(this::wrapUntrusted);
            case ATTRIBUTES_LOCKED -> refuses(this::addDecrypt);
            case NO_COPY -> refuses(this::copyAKek);
            case NO_DESTROY -> refuses(this::destroyUndestroyable);
            case NO_KEY_DIGEST -> refuses(this::digestADataKey);
        };
    }

    /** In a session of its own, which the refusal ends: some are unusable after one. */
    private boolean refuses(Forbidden forbidden) throws CustodyException {
        try {
            sessions.run(
                    "self-test",
                    session -> {
                        forbidden.attempt(new SelfTestKeys(cryptoki, profile, session));
                        throw new CustodyException(Reason.SELF_TEST_FAILED, "not refused");
                    });
            return false;
        } catch (CustodyException e) {
            return SelfTest.ofModule(e, e.reason() != Reason.SELF_TEST_FAILED);
        }
    }

    private void readAKek(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek()) {
            cryptoki.attribute(keys.session(), kek.handle(), Ck.CKA_VALUE);
        }
    }

    private void readADataKey(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek();
                var key = keys.dataKey(kek)) {
            cryptoki.attribute(keys.session(), key.handle(), Ck.CKA_VALUE);
        }
    }

    private void decryptWithAKek(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek()) {
            calls.decryptInit(keys.session(), new Mechanism.Plain(Ck.CKM_AES_ECB), kek.handle());
        }
    }

    private void wrapAKek(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek();
                var other = keys.kek()) {
            cryptoki.wrap(keys.session(), profile.keyWrap(), kek.handle(), other.handle());
        }
    }

    private boolean refusesWeakTemplates() throws CustodyException {
        for (Template weak :
                List.of(
                        Templates.dataKey().no(Ck.CKA_SENSITIVE),
                        Templates.dataKey().yes(Ck.CKA_DECRYPT),
                        Templates.dataKey().yes(Ck.CKA_WRAP))) {
            if (!refuses(keys -> unwrapAs(keys, weak))) {
                return false;
            }
        }
        return true;
    }

    private void unwrapAs(SelfTestKeys keys, Template weak)
            throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek()) {
            keys.unwrap(kek, weak);
        }
    }

    private void wrapUntrusted(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        var bound =
                Templates.dataKey()
                        .yes(Ck.CKA_WRAP_WITH_TRUSTED)
                        .bytes(Ck.CKA_VALUE, SelfTestKeys.KEY);
        try (var kek = keys.kek();
                var key = keys.object(bound)) {
            cryptoki.wrap(keys.session(), profile.keyWrap(), kek.handle(), key.handle());
        }
    }

    private void addDecrypt(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek()) {
            calls.setAttributes(keys.session(), kek.handle(), new Template().yes(Ck.CKA_DECRYPT));
        }
    }

    private void copyAKek(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek()) {
            calls.copyObject(keys.session(), kek.handle(), new Template().yes(Ck.CKA_DECRYPT));
        }
    }

    private void destroyUndestroyable(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        long kek =
                keys.handle(
                        SelfTestKeys.kekTemplate()
                                .no(Ck.CKA_DESTROYABLE)
                                .bytes(Ck.CKA_VALUE, SelfTestKeys.KEK));
        cryptoki.destroyObject(keys.session(), kek);
    }

    private void digestADataKey(SelfTestKeys keys) throws Pkcs11Exception, CustodyException {
        try (var kek = keys.kek();
                var key = keys.dataKey(kek)) {
            calls.digestKey(keys.session(), key.handle());
        }
    }

    private boolean rotates() throws CustodyException {
        byte[] next = SelfTestKeys.KEY; // any other value
        byte[] expected = KnownAnswers.wrapped("AES/KW/NoPadding", next, SelfTestKeys.KEY);
        try {
            byte[] moved =
                    sessions.use(
                            "self-test",
                            session -> {
                                var keys = new SelfTestKeys(cryptoki, profile, session);
                                try (var from = keys.kek();
                                        var to = keys.kek(next);
                                        var key = keys.dataKey(from)) {
                                    return cryptoki.wrap(
                                            session, profile.keyWrap(), to.handle(), key.handle());
                                }
                            });
            return Arrays.equals(moved, expected);
        } catch (CustodyException e) {
            return SelfTest.ofModule(e, false);
        }
    }
}
