package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.importCiphertext;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.TestEnclave;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript.Standing;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript.Step;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A ceremony on SoftHSM2, and a vault that works with the keys it made. */
class CeremonyTest {
    private static TestEnclave registered;
    private static CeremonyToken token;
    private static Pkcs11Custodian custodian;

    @BeforeAll
    static void hold() throws Exception {
        registered = new TestEnclave(3072);
        token = CeremonyToken.make(1, 3, registered.spki());
        custodian = token.custodian();
        custodian.createImportKey(ACME, 1);
        custodian.createKek(ACME, 1);
    }

    @AfterAll
    static void close() {
        token.close();
    }

    @Test
    void theTranscriptShowsEveryKeyWithItsAttributesAndSaysThatThisWasARehearsal()
            throws Exception {
        CeremonyTranscript transcript = token.transcript();

        assertThat(transcript.standing()).isEqualTo(Standing.REHEARSAL);
        assertThat(transcript.tokenSerial()).isEqualTo(token.softHsm().serial());
        assertThat(transcript.steps())
                .extracting(Step::action)
                .containsExactly(
                        "log in as security officer",
                        "make key-encryption key",
                        "make key-encryption key",
                        "make key-encryption key",
                        "make import key",
                        "register recipient");
        assertThat(transcript.steps().get(1).verified())
                .containsEntry("CKA_TRUSTED", "true")
                .containsEntry("CKA_MODIFIABLE", "false")
                .containsEntry("CKA_COPYABLE", "false")
                .containsEntry("CKA_DESTROYABLE", "false")
                .containsEntry("CKA_DECRYPT", "false")
                .containsEntry("CKA_NEVER_EXTRACTABLE", "true")
                .containsEntry("CKA_UNWRAP_TEMPLATE.CKA_WRAP_WITH_TRUSTED", "true")
                .containsEntry("CKA_UNWRAP_TEMPLATE.CKA_SENSITIVE", "true");
        assertThat(transcript.steps().get(4).verified())
                .containsEntry(
                        "fingerprint", Digest.sha256(custodian.importKeySpki(ACME, 1)).hex());
    }

    @Test
    void aRehearsalRaisesNoLevel() throws Exception {
        assertThat(custodian.info().level()).isEqualTo(TrustLevel.SOFT_TOKEN);
        assertThat(custodian.keks(ACME))
                .extracting(KekInfo::level)
                .containsOnly(TrustLevel.SOFT_TOKEN);
    }

    @Test
    void hardwareThatHoldsThemHasTrustedKeys() {
        var generic = ModuleProfiles.of(ProfileName.GENERIC, Optional.of(TrustLevel.HSM));

        assertThat(generic.levelOf(KeyOrigin.CEREMONY)).isEqualTo(TrustLevel.HSM_TRUSTED);
        assertThat(generic.levelOf(KeyOrigin.VAULT)).isEqualTo(TrustLevel.HSM);
    }

    @Test
    void aKeyGoesToARegisteredRecipientOverEveryRotation() throws Exception {
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        var imported =
                custodian.importWrapped(importCiphertext(custodian, ACME, dataKey), binding, 1, 1);
        custodian.createKek(ACME, 2);

        var moved = custodian.rewrap(imported, 2);
        var released = custodian.releaseTo(moved, registered.attested(binding));

        assertThat(registered.open(released)).isEqualTo(dataKey);
    }

    @Test
    void aKeyGoesToNobodyElseHoweverWellAttested() throws Exception {
        var binding = newBinding(ACME);
        byte[] ciphertext = importCiphertext(custodian, ACME, newDataKey());
        var stored = custodian.importWrapped(ciphertext, binding, 1, 1);
        var ephemeral = new TestEnclave(3072).attested(binding);

        assertRefused(
                Reason.RECIPIENT_NOT_REGISTERED, () -> custodian.releaseTo(stored, ephemeral));
    }

    @Test
    void theVaultMakesNoKeyOfItsOwn() {
        assertThatThrownBy(() -> custodian.createKek(ACME, 4))
                .hasMessageContaining("strongroom keys ceremony");
        assertRefused(Reason.CEREMONY_MISSING, () -> custodian.createKek(ACME, 4));
        assertRefused(Reason.CEREMONY_MISSING, () -> custodian.createImportKey(ACME, 2));
    }

    @Test
    void aRetiredKeyIsNotAdoptedAgainNorDestroyed() throws Exception {
        custodian.createKek(ACME, 3);
        custodian.retireKek(ACME, 3);

        assertRefused(Reason.KEY_EXISTS, () -> custodian.createKek(ACME, 3));
        assertRefused(Reason.KEY_PROTECTED, () -> custodian.destroyKek(ACME, 3));
    }

    @Test
    void needsTheVaultToBeStopped() {
        assertRefused(Reason.TOKEN_BUSY, () -> Ceremony.hold(token.plan(10, 11, List.of())));
    }

    @Test
    void refusesWhatIsThereBeforeItMakesAnything() throws Exception {
        try (var other = CeremonyToken.make(2, 2, registered.spki())) {
            other.custodian().close();
            assertRefused(Reason.KEY_EXISTS, () -> Ceremony.hold(other.plan(1, 2, List.of())));
            var more = Ceremony.hold(other.plan(1, 1, List.of(registered.spki())));
            assertThat(more.steps())
                    .extracting(Step::action)
                    .containsExactly(
                            "log in as security officer",
                            "make key-encryption key",
                            "verify import key, made before",
                            "verify recipient, registered before");
        }
    }

    @Test
    void holdsNoneOnAModuleThatCannotKeepItsWord() {
        var cloudHsm =
                new Pkcs11Module(
                        token.softHsm().module(),
                        Optional.of(ProfileName.CLOUDHSM),
                        Optional.empty(),
                        Optional.empty());
        var plan =
                new CeremonyPlan(
                        cloudHsm,
                        token.softHsm().label(),
                        token.plan(1, 1, List.of()).officerPin(),
                        ACME,
                        1,
                        1,
                        1,
                        List.of());

        assertRefused(Reason.MODULE_NOT_USABLE, () -> Ceremony.hold(plan));
    }
}
