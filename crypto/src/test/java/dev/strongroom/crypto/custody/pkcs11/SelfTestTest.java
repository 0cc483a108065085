package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.custody.CapabilityReport;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.util.EnumSet;
import java.util.Optional;
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
    void reportsWhatSoftHsmDoes() throws Exception {
        CapabilityReport report = test(softHsm());

        assertThat(report.profile()).isEqualTo("softhsm2");
        assertThat(report.wrapFormats())
                .containsExactly(WrapFormat.RFC3394_KW, WrapFormat.RFC5649_KWP);
        assertThat(report.oaepHashes()).containsExactly(OaepHash.SHA1);
        assertThat(report.held())
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.complementOf(EnumSet.of(Guarantee.NO_KEY_DIGEST)));
    }

    @Test
    void refusesAHashThatTheModuleDoesNotHave() {
        var claimed = softHsm();
        var profile =
                new ModuleProfile(
                        claimed.name(),
                        claimed.level(),
                        claimed.basis(),
                        claimed.keyWrap(),
                        claimed.keyWrapFormat(),
                        OaepHash.SHA256,
                        claimed.dialect(),
                        claimed.pinForm(),
                        claimed.macCheck(),
                        claimed.claims());

        assertRefused(Reason.SELF_TEST_FAILED, () -> test(profile));
    }

    @Test
    void refusesAWrapOfAnotherFormat() {
        var claimed = softHsm();
        long keyWrapWithPadding = 0x210a; // RFC 5649 in SoftHSM2, whatever its name says
        var profile =
                new ModuleProfile(
                        claimed.name(),
                        claimed.level(),
                        claimed.basis(),
                        new Mechanism.Plain(keyWrapWithPadding),
                        claimed.keyWrapFormat(),
                        claimed.oaep(),
                        claimed.dialect(),
                        claimed.pinForm(),
                        claimed.macCheck(),
                        claimed.claims());

        assertRefused(Reason.SELF_TEST_FAILED, () -> test(profile));
    }

    @Test
    void namesAClaimThatDoesNotHold() {
        var claimed = softHsm();
        var profile =
                new ModuleProfile(
                        claimed.name(),
                        claimed.level(),
                        claimed.basis(),
                        claimed.keyWrap(),
                        claimed.keyWrapFormat(),
                        claimed.oaep(),
                        claimed.dialect(),
                        claimed.pinForm(),
                        claimed.macCheck(),
                        EnumSet.of(Guarantee.NO_KEY_DIGEST));

        assertThatThrownBy(() -> test(profile))
                .hasMessageContaining(Guarantee.NO_KEY_DIGEST.claim());
    }

    private static ModuleProfile softHsm() {
        return ModuleProfiles.of(ProfileName.SOFTHSM2, Optional.empty());
    }

    private static CapabilityReport test(ModuleProfile profile) throws CustodyException {
        return new SelfTest(cryptoki, profile, sessions).run();
    }
}
