package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.crypto.format.WrapFormat;
import dev.strongroom.testkit.softhsm.SoftHsm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A profile that claims what the module does not do keeps the module from being used. */
class SelfTestTest {
    private static Cryptoki cryptoki;
    private static SessionLeases sessions;

    @BeforeAll
    static void login() throws Exception {
        SoftHsm softHsm = SoftHsm.inThisProcess();
        cryptoki = Cryptoki.load(Pkcs11Module.at(softHsm.module()));
        var token = TokenChoice.byLabel(cryptoki, softHsm.label());
        sessions = SessionLeases.login(cryptoki, token.slot(), PinSource.file(softHsm.pinFile()));
    }

    @AfterAll
    static void logout() {
        sessions.close();
    }

    @Test
    void acceptsWhatSoftHsmDoes() {
        assertThatCode(() -> test(Ck.CKM_AES_KEY_WRAP, OaepHash.SHA1)).doesNotThrowAnyException();
    }

    @Test
    void refusesAHashThatTheModuleDoesNotHave() {
        assertRefused(Reason.SELF_TEST_FAILED, () -> test(Ck.CKM_AES_KEY_WRAP, OaepHash.SHA256));
    }

    @Test
    void refusesAWrapOfAnotherFormat() {
        long keyWrapWithPadding = 0x210a; // RFC 5649 in SoftHSM2, whatever its name says
        assertRefused(Reason.SELF_TEST_FAILED, () -> test(keyWrapWithPadding, OaepHash.SHA1));
    }

    private static void test(long keyWrap, OaepHash oaep) throws CustodyException {
        var profile =
                new ModuleProfile(
                        "SoftHSM",
                        TrustLevel.SOFT_TOKEN,
                        new Mechanism.Plain(keyWrap),
                        WrapFormat.RFC3394_KW,
                        oaep);
        new SelfTest(cryptoki, profile, sessions).run();
    }
}
